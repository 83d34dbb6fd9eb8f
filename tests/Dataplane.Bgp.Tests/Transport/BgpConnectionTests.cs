using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Bgp.Tests.Transport;

/// <summary>Framing, bounds and the end of a connection, over memory.</summary>
public sealed class BgpConnectionTests
{
    [Fact]
    public void MessagesComeWholeAndInOrderHoweverTheOctetsAreCut() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 20);
        using var rig = new ConnectionRig(near);
        rig.Connection.AllowExtendedMessages();
        byte[][] messages = [.. Enumerable.Range(0, random.Next(1, 60)).Select(i => random.Next(10) switch
        {
            0 => MessageHeader.Keepalive(),
            1 => ConnectionRig.Update(random.Next(23, MessageHeader.MaximumExtended + 1), (byte)i),
            _ => ConnectionRig.Update(random.Next(23, 300), (byte)i),
        })];
        Task writing = WriteInPieces(far, [.. messages.SelectMany(message => message)], random);
        List<byte[]> received = rig.ReceiveMessagesAsync(messages.Length).GetAwaiter().GetResult();
        writing.GetAwaiter().GetResult();
        Assert.Equal(messages, received);
        Assert.Equal(messages.Length, rig.Counters.MessagesIn);
        Assert.Equal(messages.Sum(message => message.Length), rig.Counters.OctetsIn);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public async Task HeaderErrorComesAfterTheMessagesBeforeIt()
    {
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 16);
        using var rig = new ConnectionRig(near);
        byte[] wrong = MessageHeader.Keepalive();
        wrong[17] = 20;
        await far.WriteAsync((byte[])[.. ConnectionRig.Update(23), .. MessageHeader.Keepalive(), .. wrong], default);
        ReceivedBatch batch = await rig.ReceiveAsync();
        Assert.True(batch.TryNext(out MessageType first, out _));
        Assert.True(batch.TryNext(out MessageType second, out _));
        Assert.False(batch.TryNext(out _, out _));
        Assert.Equal((MessageType.Update, MessageType.Keepalive), (first, second));
        Assert.Equal(NotificationMessage.Of(HeaderError.BadMessageLength, [0, 20]), batch.Error);
        batch.Release();
    }

    [Fact]
    public async Task LongMessageIsAnErrorUntilItWasNegotiated()
    {
        foreach (var isAllowed in new[] { false, true })
        {
            (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 17);
            using var rig = new ConnectionRig(near);
            if (isAllowed)
            {
                rig.Connection.AllowExtendedMessages();
            }

            await far.WriteAsync(ConnectionRig.Update(4097), default);
            ReceivedBatch batch = await rig.ReceiveAsync();
            Assert.Equal(isAllowed, batch.TryNext(out _, out _));
            Assert.Equal(isAllowed, batch.Error is null);
            batch.Release();
        }
    }

    [Fact]
    public async Task ReadingStopsWhenTheRoutingThreadLags()
    {
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 16);
        var limits = new ConnectionLimits { ReceiveMark = 4 << 16 };
        using var rig = new ConnectionRig(near, limits);
        const int Count = 4000;
        byte[] message = ConnectionRig.Update(1000);
        var written = 0;
        Task writing = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                await far.WriteAsync(message, default);
                Volatile.Write(ref written, i + 1);
            }
        });
        await ConnectionRig.Until(() => rig.Connection.ReceivedBytes >= limits.ReceiveMark);
        Assert.True(Volatile.Read(ref written) < Count);
        Assert.InRange(rig.Connection.ReceivedBytes, limits.ReceiveMark, limits.ReceiveMark + (2 << 16));

        Assert.Equal(Count, (await rig.ReceiveMessagesAsync(Count)).Count);
        await writing;
        Assert.Equal(0, rig.Connection.ReceivedBytes);
    }

    [Fact]
    [Trait("Requirement", "SCL-06")]
    public async Task SlowPeerIsRefusedAtTheHighMarkAndCalledBackAtTheLowOne()
    {
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1000);
        var limits = new ConnectionLimits { SendHighMark = 200_000 };
        using var rig = new ConnectionRig(near, limits);
        var accepted = 0;
        SharedBuffer routes = SharedBuffer.Of(ConnectionRig.Update(1000));
        while (rig.Connection.TrySend(routes))
        {
            accepted++;
        }

        Assert.Equal(limits.SendHighMark / 1000, accepted);
        Assert.InRange(rig.Connection.QueuedBytes, limits.SendHighMark, limits.SendHighMark + 1000);
        Assert.True(rig.Connection.SendControl(SharedBuffer.Of(MessageHeader.Keepalive())));
        Assert.Equal(0, rig.DrainedCount);

        var sink = new byte[4096];
        var expected = (accepted * 1000) + MessageHeader.KeepaliveSize;
        var read = 0;
        while (read < expected)
        {
            read += await far.ReadAsync(sink, default);
        }

        await ConnectionRig.Until(() => rig.DrainedCount == 1 && rig.Connection.QueuedBytes == 0);
        Assert.True(rig.Connection.TrySend(routes));
        Assert.Equal(expected, read);
        Assert.InRange(rig.Counters.MessagesOut, accepted + 1, accepted + 2);
    }

    [Fact]
    public async Task CloseDropsRoutesThatWaitAndStillDeliversTheNotification()
    {
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1500);
        using var rig = new ConnectionRig(near);
        Assert.True(rig.Connection.SendControl(SharedBuffer.Of(MessageHeader.Keepalive())));
        for (var i = 0; i < 500; i++)
        {
            Assert.True(rig.Connection.TrySend(SharedBuffer.Of(ConnectionRig.Update(1000))));
        }

        await ConnectionRig.Until(() => rig.Connection.SentOctets == 0 && rig.Connection.QueuedBytes > 0);
        rig.Connection.Close(NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, "bye"));
        Assert.False(rig.Connection.TrySend(SharedBuffer.Of(ConnectionRig.Update(23))));

        using var peer = new ConnectionRig(far);
        List<byte[]> received = await peer.ReceiveMessagesAsync(int.MaxValue);
        Assert.True(NotificationMessage.TryDecode(received[^1].AsSpan(MessageHeader.Size), out NotificationMessage last));
        Assert.Equal("bye", last.Text);
        Assert.InRange(received.Count, 2, 2 + 66); // What one write had joined, and no more.
        peer.Connection.Close(null);
        await rig.Connection.Closed.WaitAsync(ConnectionRig.Patience);
    }

    [Fact]
    public async Task CloseEndsAlsoWhenThePeerNeverReads()
    {
        (MemoryLink near, MemoryLink _) = MemoryLink.Pair(100);
        using var rig = new ConnectionRig(near, new() { Linger = TimeSpan.FromMilliseconds(100) });
        Assert.True(rig.Connection.TrySend(SharedBuffer.Of(ConnectionRig.Update(1000))));
        rig.Connection.Close(NotificationMessage.Of(CeaseReason.OutOfResources));
        await rig.Connection.Closed.WaitAsync(ConnectionRig.Patience);
    }

    [Fact]
    public async Task EndOfThePeerIsReportedAfterItsLastMessages()
    {
        (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 16);
        using var rig = new ConnectionRig(near);
        await far.WriteAsync(NotificationMessage.Of(CeaseReason.PeerDeconfigured).Encode(), default);
        far.EndWrites();
        ReceivedBatch first = await rig.ReceiveAsync();
        Assert.False(first.IsEnd);
        Assert.True(first.TryNext(out MessageType type, out _));
        Assert.Equal(MessageType.Notification, type);
        first.Release();
        ReceivedBatch end = await rig.ReceiveAsync();
        Assert.True(end.IsEnd);
        Assert.Null(end.Failure);
        end.Release();
    }

    [Fact]
    public async Task BufferGoesBackAfterTheLastOfItsReceivers()
    {
        SharedBuffer buffer = SharedBuffer.Of(ConnectionRig.Update(100));
        var rigs = new List<ConnectionRig>();
        for (var i = 0; i < 5; i++)
        {
            (MemoryLink near, MemoryLink far) = MemoryLink.Pair(1 << 16);
            rigs.Add(new(near));
            Assert.True(rigs[i].Connection.TrySend(buffer));
            using var reader = new ConnectionRig(far);
            Assert.Single(await reader.ReceiveMessagesAsync(1));
        }

        await ConnectionRig.Until(() => rigs.TrueForAll(rig => rig.Connection.QueuedBytes == 0));
        Assert.Equal(1, buffer.CountMessages());
        buffer.Release();
        Assert.Throws<InvalidOperationException>(buffer.Release);
        rigs.ForEach(rig => rig.Dispose());
    }

    private static async Task WriteInPieces(MemoryLink link, byte[] octets, Random random)
    {
        for (var at = 0; at < octets.Length;)
        {
            var count = Math.Min(octets.Length - at, random.Next(3) switch { 0 => 1, 1 => random.Next(1, 30), _ => random.Next(1, 100_000) });
            await link.WriteAsync(octets.AsMemory(at, count), default);
            at += count;
        }
    }
}

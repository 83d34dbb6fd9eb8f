using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Tests.Transport;

/// <summary>A connection, what its observer was told, and waits that end with a failure instead of never.</summary>
internal sealed class ConnectionRig : IConnectionObserver, IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _readable = new(0);
    private int _drained;

    internal ConnectionRig(IByteLink link, ConnectionLimits? limits = null, bool start = true)
    {
        Connection = new(link, limits ?? new(), this, Counters, TimeProvider.System);
        if (start)
        {
            Connection.Start();
        }
    }

    internal BgpConnection Connection { get; }

    internal TransportCounters Counters { get; } = new();

    internal int DrainedCount => Volatile.Read(ref _drained);

    public void Readable(BgpConnection connection) => _readable.Release();

    public void Drained(BgpConnection connection) => Interlocked.Increment(ref _drained);

    internal async Task<ReceivedBatch> ReceiveAsync()
    {
        ReceivedBatch batch;
        while (!Connection.TryReceive(out batch))
        {
            Assert.True(await _readable.WaitAsync(Patience));
        }

        return batch;
    }

    /// <summary>Takes messages until there are enough, or the end.</summary>
    internal async Task<List<byte[]>> ReceiveMessagesAsync(int count)
    {
        var messages = new List<byte[]>();
        while (messages.Count < count)
        {
            ReceivedBatch batch = await ReceiveAsync();
            while (batch.TryNext(out MessageType type, out ReadOnlySpan<byte> message))
            {
                Assert.Equal((byte)type, message[MessageHeader.Size - 1]);
                messages.Add(message.ToArray());
            }

            batch.Release();
            if (batch.IsEnd)
            {
                break;
            }
        }

        return messages;
    }

    internal static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    internal static byte[] Update(int size, byte fill = 0)
    {
        var message = new byte[size];
        message.AsSpan().Fill(fill);
        MessageHeader.Write(message, MessageType.Update, size);
        return message;
    }

    public void Dispose() => Connection.Close(null);
}

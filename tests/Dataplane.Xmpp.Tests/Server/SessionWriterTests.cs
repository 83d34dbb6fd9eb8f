using System.Text;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Xmpp.Tests.Server;

/// <summary>Few write for all sessions: who reads hears everything in order, beside more that read nothing than may write at a time.</summary>
public sealed class SessionWriterTests
{
    private const int Stalled = 9; // one more than write at a time on any machine
    private const int Readers = 3;
    private const int Stanzas = 120;

    [Fact]
    public async Task WhoReadsHearsAllInOrderBesideManyWhoDoNot()
    {
        await using var rig = new ServerRig(static settings => settings with { Session = new() { SendQueueOctets = 2 << 20 } });
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < Stalled + Readers; i++)
            {
                clients.Add(await RawClient.BoundAsync(rig.Port, TestAuthority.Shared.Client($"02aa10c0000{i:x}@{ServerRig.Domain}", "127.0.0.1")));
                await Eventually.IsTrue(() => rig.Handler.Channels.Count == i + 1);
            }

            byte[] large = Encoding.UTF8.GetBytes($"<message><body>{new string('x', 60_000)}</body></message>");

            // Until nobody takes anything more: neither the queues nor the kernel.
            await Eventually.IsTrue(() =>
            {
                bool isFull = true;
                foreach (IXmppChannel channel in rig.Handler.Channels.Take(Stalled))
                {
                    while (channel.TrySend(large))
                    {
                        isFull = false;
                    }
                }

                return isFull;
            });

            // More than one turn's worth for each, so that they take turns.
            for (int number = 0; number < Stanzas; number++)
            {
                foreach (IXmppChannel channel in rig.Handler.Channels.Skip(Stalled))
                {
                    Assert.True(channel.TrySend(Encoding.UTF8.GetBytes($"<message id='{number}'><body>{new string('y', 5000)}</body></message>")));
                }
            }

            foreach (RawClient reader in clients.Skip(Stalled))
            {
                for (int number = 0; number < Stanzas; number++)
                {
                    Assert.StartsWith($"<message id='{number}'>", await reader.ExpectAsync("</message>"), StringComparison.Ordinal);
                }
            }

            Assert.Empty(rig.Handler.Ends);
            Assert.All(rig.Handler.Channels.Take(Stalled), static channel => Assert.True(channel.QueuedOctets > 0));
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }
    }

    /// <summary>Of stanzas that are encoded once, joined with others or too large for it, each session hears its own address, in the order of all that it is sent.</summary>
    [Fact]
    public async Task StanzasThatAreSharedBearEachSessionsOwnAddress()
    {
        await using var rig = new ServerRig(static settings => settings with { Session = new() { SendQueueOctets = 8 << 20 } });
        var clients = new List<RawClient>();
        try
        {
            for (int i = 0; i < Readers; i++)
            {
                clients.Add(await RawClient.BoundAsync(rig.Port, TestAuthority.Shared.Client($"02aa10c0000{i:x}@{ServerRig.Domain}", "127.0.0.1")));
                await Eventually.IsTrue(() => rig.Handler.Channels.Count == i + 1);
            }

            IXmppChannel[] channels = [.. rig.Handler.Channels];
            for (int number = 0; number < Stanzas; number++)
            {
                string body = new('y', BodyOf(number));
                string first = "<message to='", second = $"' id='{number}'><body>{body}</body></message><message to='", third = "' id='more'></message>";
                var shared = new AddressedStanzas(Encoding.UTF8.GetBytes(first + second + third), [first.Length, first.Length + second.Length]);
                foreach (IXmppChannel channel in channels)
                {
                    string own = channel.Peer.ToString();
                    Assert.Equal(first.Length + second.Length + third.Length + (2 * own.Length), shared.LengthFor(own.Length));
                    Assert.True(channel.TrySendShared(shared, Encoding.UTF8.GetBytes(own)));
                    Assert.True(channel.TrySend(Encoding.UTF8.GetBytes($"<message id='own {number}'></message>")));
                }
            }

            for (int i = 0; i < Readers; i++)
            {
                string own = channels[i].Peer.ToString();
                for (int number = 0; number < Stanzas; number++)
                {
                    Assert.Equal($"<message to='{own}' id='{number}'><body>{new string('y', BodyOf(number))}</body></message>", await clients[i].ExpectAsync("</message>"));
                    Assert.Equal($"<message to='{own}' id='more'></message>", await clients[i].ExpectAsync("</message>"));
                    Assert.Equal($"<message id='own {number}'></message>", await clients[i].ExpectAsync("</message>"));
                }
            }

            await Eventually.IsTrue(() => channels.All(static channel => channel.QueuedOctets == 0));
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        // Some alone, some together with others.
        static int BodyOf(int number) => number % 3 == 0 ? 20_000 + (number * 300) : number * 7;
    }
}

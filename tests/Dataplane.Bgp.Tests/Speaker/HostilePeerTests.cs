using System.Net;
using System.Net.Sockets;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Tests.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>A speaker on real sockets, one peer that behaves, and one that sends whatever octets there are.</summary>
public sealed class HostilePeerTests
{
    private const int Attempts = 150;

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public async Task NothingThatAPeerSendsEndsTheLoopOrAnotherSession()
    {
        using var loop = new RoutingLoop();
        var failures = new List<Exception>();
        loop.Failed = failures.Add;
        var routes = new RoutingBase();
        var speaker = new BgpSpeaker(loop, routes, new()
        {
            As = new(65000),
            RouterId = 0x0A000009,
            Listen = [new(IpAddress.Parse("127.0.0.1"), 0)],
            Peers = [Peer("127.0.5.1", 65001), Peer("127.0.5.2", 65002)],
        });
        var sessions = new SessionCounter();
        speaker.Observers.Add(sessions);
        loop.Start();
        await speaker.StartAsync();
        ushort port = speaker.Endpoints[0].Port;

        using Socket good = await Connect("127.0.5.1", port);
        await good.SendAsync(Open(65001));
        await good.SendAsync(MessageHeader.Keepalive());
        Task draining = Drain(good);
        await ConnectionRig.Until(() => StateOf("127.0.5.1") == SessionState.Established);

        var random = new Random(11);
        for (var i = 0; i < Attempts; i++)
        {
            using Socket hostile = await Connect("127.0.5.2", port);
            try
            {
                foreach (byte[] piece in Pieces(random))
                {
                    await hostile.SendAsync(piece);
                }

                if (random.Next(3) == 0)
                {
                    hostile.LingerState = new(true, 0);
                    continue;
                }

                // All of it is read, and the speaker ends it.
                hostile.Shutdown(SocketShutdown.Send);
                await Drain(hostile).WaitAsync(ConnectionRig.Patience);
            }
            catch (SocketException)
            {
                // The speaker had enough of it.
            }
        }

        Assert.Equal(SessionState.Established, await loop.InvokeAsync(() => StateOf("127.0.5.1")));
        Assert.Empty(failures);
        Assert.InRange(sessions.Count, 1 + (Attempts / 10), Attempts); // So far did the hostile one get, and was thrown out again.
        Assert.False(draining.IsCompleted);

        SessionState StateOf(string address) => speaker.Peers.First(peer => peer.Address == IpAddress.Parse(address)).State;
    }

    private sealed class SessionCounter : ISpeakerObserver
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void SessionUp(IPeerView peer, NegotiatedSession session, Dataplane.Bgp.Transport.LinkEnds ends) => Interlocked.Increment(ref _count);
    }

    private static IEnumerable<byte[]> Pieces(Random random)
    {
        // Mostly valid, so that every state is reached, and broken somewhere.
        if (random.Next(5) > 0)
        {
            yield return Broken(Open(65002), random, 4);
        }

        if (random.Next(5) > 0)
        {
            yield return MessageHeader.Keepalive();
        }

        for (var i = random.Next(6); i > 0; i--)
        {
            var body = new byte[random.Next(4) == 0 ? random.Next(4096) : random.Next(23, 80)];
            random.NextBytes(body);
            if (body.Length >= MessageHeader.Size && random.Next(8) > 0)
            {
                MessageHeader.Write(body, (MessageType)random.Next(1, 6), body.Length);
            }

            yield return body;
        }
    }

    private static byte[] Broken(byte[] message, Random random, int oneIn)
    {
        if (random.Next(oneIn) == 0)
        {
            message[random.Next(message.Length)] = (byte)random.Next(256);
        }

        return message;
    }

    private static byte[] Open(uint system) => new OpenMessage
    {
        As = new(system),
        HoldTime = 90,
        RouterId = system,
        Capabilities = new()
        {
            Families = FamilySet.Of(RouteFamily.VpnIpv4, RouteFamily.Ipv4Unicast),
            FourOctetAs = new AsNumber(system),
            RouteRefresh = true,
            ExtendedMessages = true,
        },
    }.Encode();

    private static PeerSettings Peer(string address, uint system) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(system),
        Transport = new() { Passive = true },
        Timers = new() { IdleHold = TimeSpan.Zero },
        Families = [RouteFamily.VpnIpv4, RouteFamily.Ipv4Unicast],
    };

    private static async Task<Socket> Connect(string from, ushort port)
    {
        var socket = new Socket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port).WaitAsync(ConnectionRig.Patience);
        return socket;
    }

    private static async Task Drain(Socket socket)
    {
        var octets = new byte[4096];
        while (await socket.ReceiveAsync(octets) > 0)
        {
        }
    }
}

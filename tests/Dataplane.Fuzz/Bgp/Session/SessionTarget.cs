using System.Diagnostics;
using System.Net.Sockets;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Fuzz.Bgp.Session;

/// <summary>
/// A speaker with two peers in virtual time: one behaves, the other does whatever the test says, octets and connections. After each event it
/// checks what must hold whatever a peer does: nothing throws, the session of the other one is not touched and its routes are there, what is
/// sent are whole messages. One thread; octets travel on the pool.
/// </summary>
internal sealed class SessionTarget : IDisposable
{
    public const uint OurAs = 65000;
    public const uint HostileAs = 65002;
    private const uint GoodAs = 65001;
    private const int GoodRoutes = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly IpAddress Us = IpAddress.Parse("10.0.0.9");
    private static readonly IpAddress Good = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress Hostile = IpAddress.Parse("10.0.0.2");
    private static readonly FamilySettings[] Families =
    [
        RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint, RouteFamily.Ipv4FlowSpec,
    ];

    private readonly VirtualTime _time = new();
    private readonly RoutingLoop _loop;
    private readonly RoutingBase _routes;
    private readonly BgpSpeaker _speaker;
    private readonly FuzzLink _good;
    private readonly List<(FuzzLink Link, List<byte> Unread)> _links = [];
    private readonly Queue<TaskCompletionSource<IByteLink>> _outgoing = new();
    private readonly Lock _lock = new();
    private ushort _port = 40_000;
    private Exception? _thrown;

    /// <summary>Brings the session of the good peer up.</summary>
    public SessionTarget()
    {
        _loop = new RoutingLoop(_time) { Failed = problem => _thrown ??= problem };
        _routes = new RoutingBase(_time);
        _speaker = new BgpSpeaker(
            _loop,
            _routes,
            new()
            {
                As = new(OurAs),
                RouterId = Us.V4.Value,
                Peers =
                [
                    new() { Address = Good, As = new(GoodAs), Families = Families, FlowSpecValidation = false, Transport = new() { Passive = true }, Timers = new() { HoldTime = TimeSpan.Zero } },
                    new() { Address = Hostile, As = new(HostileAs), Families = Families, GracefulRestart = GracefulRestartMode.Helper },
                ],
            },
            new() { Connector = new Connector(this) });
        _speaker.Start();
        _good = new FuzzLink(new(Us, 179, Good, 40_000));
        _speaker.Accept(_good);
        _good.Send(Open(GoodAs, Good.V4.Value, holdTime: 0));
        _good.Send(MessageHeader.Keepalive());
        for (var i = 0; i < GoodRoutes; i++)
        {
            _good.Send(Update((byte)i));
        }

        SettleUntil(() => _speaker.Snapshot(Good)!.State == SessionState.Established
            && _routes[RouteFamily.Ipv4Unicast].PathCountOf(_speaker.Peers.Single(static peer => peer.Address == Good).Source) == GoodRoutes);
        Check("at first");
    }

    /// <summary>Events so far.</summary>
    public long Events { get; private set; }

    /// <summary>States that the hostile peer's session was in.</summary>
    public SortedDictionary<SessionState, long> Reached { get; } = [];

    /// <summary>How many connections of the hostile peer the speaker holds.</summary>
    public int OpenLinks => _links.Count(static row => !row.Link.IsDisposed);

    /// <summary>Whether the speaker waits for a connection that it makes.</summary>
    public bool IsConnecting
    {
        get
        {
            lock (_lock)
            {
                return _outgoing.Count != 0;
            }
        }
    }

    /// <summary>The hostile peer connects.</summary>
    public void Connect()
    {
        var link = new FuzzLink(new(Us, 179, Hostile, ++_port));
        _links.Add((link, []));
        _speaker.Accept(link);
        Done("connect");
    }

    /// <summary>What comes of the connection that the speaker makes.</summary>
    public void Answer(bool isRefused)
    {
        TaskCompletionSource<IByteLink>? waiting;
        lock (_lock)
        {
            _ = _outgoing.TryDequeue(out waiting);
        }

        if (waiting is not null && isRefused)
        {
            _ = waiting.TrySetException(new SocketException((int)SocketError.ConnectionRefused));
        }
        else if (waiting is not null)
        {
            var link = new FuzzLink(new(Us, ++_port, Hostile, 179));
            if (waiting.TrySetResult(link))
            {
                _links.Add((link, []));
            }
        }

        Done("answer");
    }

    /// <summary>The hostile peer sends octets over one of its connections.</summary>
    public void Send(int which, byte[] octets)
    {
        if (_links.Count != 0)
        {
            _links[which % _links.Count].Link.Send(octets);
        }

        Done("send");
    }

    /// <summary>A connection ends.</summary>
    public void End(int which, bool isBroken)
    {
        if (_links.Count != 0)
        {
            _links[which % _links.Count].Link.End(isBroken);
        }

        Done("end");
    }

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan time)
    {
        _time.Advance(time);
        Done("pass");
    }

    /// <summary>An operator does something to the hostile peer's session.</summary>
    public void Operate(int what)
    {
        switch (what % 5)
        {
            case 0:
                _ = _speaker.Reset(Hostile, "fuzz");
                break;
            case 1:
                _ = _speaker.Disable(Hostile, "fuzz");
                break;
            case 2:
                _ = _speaker.RefreshIn(Hostile, RouteFamily.VpnIpv4);
                break;
            default:
                _ = _speaker.Enable(Hostile);
                break;
        }

        Done("operate");
    }

    /// <summary>The hostile peer goes for good: nothing of it may be left.</summary>
    public void Finish()
    {
        _ = _speaker.Disable(Hostile, null);
        foreach ((FuzzLink link, _) in _links)
        {
            link.End(isBroken: true);
        }

        // Longer than any peer may be away and come back.
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromDays(2));
            Settle();
        }

        IPeerView hostile = _speaker.Peers.Single(static peer => peer.Address == Hostile);
        SettleUntil(() => hostile.State == SessionState.Idle && RouteFamilies.All.All(family => _routes[family].PathCountOf(hostile.Source) == 0));
        Check("finish");
        foreach (RouteFamily family in RouteFamilies.All)
        {
            Require(_routes[family].PathCountOf(hostile.Source) == 0, $"{family.Name}: paths of a peer that is gone");
        }

        Require(hostile.State == SessionState.Idle, $"a disabled peer is in {hostile.State}");
    }

    /// <summary>An OPEN of a peer.</summary>
    public static byte[] Open(uint number, uint routerId, ushort holdTime) => new OpenMessage
    {
        As = new(number),
        HoldTime = holdTime,
        RouterId = routerId,
        Capabilities = new()
        {
            Families = FamilySet.Of(RouteFamily.Ipv4Unicast, RouteFamily.VpnIpv4, RouteFamily.RouteTargetConstraint, RouteFamily.Ipv4FlowSpec),
            FourOctetAs = new AsNumber(number),
            RouteRefresh = true,
            EnhancedRouteRefresh = true,
            ExtendedMessages = true,
        },
    }.Encode();

    public void Dispose()
    {
        _speaker.Stop();
        _good.Dispose();
        _links.ForEach(static row => row.Link.Dispose());
        _loop.Dispose();
    }

    // 10.N.0.0/16 by the good peer's AS.
    private static byte[] Update(byte number)
    {
        byte[] attributes = [0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xFD, 0xE9, 0x40, 3, 4, 10, 0, 0, 1];
        byte[] body = [0, 0, 0, (byte)attributes.Length, .. attributes, 16, 10, number];
        var message = new byte[MessageHeader.Size + body.Length];
        MessageHeader.Write(message, MessageType.Update, message.Length);
        body.CopyTo(message, MessageHeader.Size);
        return message;
    }

    private static void Require(bool condition, string promise)
    {
        if (!condition)
        {
            throw new RigException(promise);
        }
    }

    private void Done(string what)
    {
        Events++;
        Settle();
        Check(what);
    }

    // Until the loop has nothing to do and every octet has been read; what is still on its way comes with the next event.
    private void Settle()
    {
        var calm = 0;
        for (var turn = 0; calm < 3 && turn < 20_000; turn++)
        {
            if (_loop.RunTurn() || !_good.IsRead || !_links.TrueForAll(static row => row.Link.IsRead))
            {
                calm = 0;
                Thread.Yield();
                continue;
            }

            calm++;
            Thread.Sleep(0);
        }
    }

    // The pool may hold octets that it has read and not handed on, for as long as it gets no CPU.
    private void SettleUntil(Func<bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        Settle();
        while (!condition() && Stopwatch.GetElapsedTime(start) < Patience)
        {
            Thread.Sleep(1);
            Settle();
        }
    }

    private void Check(string what)
    {
        if (_thrown is { } problem)
        {
            throw new RigException($"{what}: {problem}");
        }

        PeerSnapshot good = _speaker.Snapshot(Good)!;
        Require(good.State == SessionState.Established && good.Sessions.Dropped == 0, $"{what}: the other peer is in {good.State}, {good.LastError}");
        Require(_routes[RouteFamily.Ipv4Unicast].PathCountOf(good.Source) == GoodRoutes, $"{what}: routes of the other peer");
        SessionState state = _speaker.Snapshot(Hostile)!.State;
        Reached[state] = Reached.GetValueOrDefault(state) + 1;
        CheckMessages(what, _good.Take(), null);
        foreach ((FuzzLink link, List<byte> unread) in _links)
        {
            CheckMessages(what, link.Take(), unread);
        }

        _ = _links.RemoveAll(static row => row.Link.IsDisposed && row.Link.IsRead && row.Unread.Count == 0);
    }

    private static void CheckMessages(string what, byte[] octets, List<byte>? unread)
    {
        unread ??= [];
        unread.AddRange(octets);
        while (unread.Count >= MessageHeader.Size)
        {
            Require(unread[..16].TrueForAll(static octet => octet == 0xFF), $"{what}: a marker was sent that is none");
            var length = unread[16] << 8 | unread[17];
            Require(length is >= MessageHeader.Size and <= ushort.MaxValue && unread[18] is >= 1 and <= 5, $"{what}: a header was sent that is none");
            if (unread.Count < length)
            {
                return;
            }

            unread.RemoveRange(0, length);
        }
    }

    private sealed class Connector(SessionTarget target) : IBgpConnector
    {
        public Task<IByteLink> ConnectAsync(PeerSettings peer, HopPolicy hops, CancellationToken cancellation)
        {
            var waiting = new TaskCompletionSource<IByteLink>(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = cancellation.Register(() => waiting.TrySetCanceled(cancellation));
            lock (target._lock)
            {
                target._outgoing.Enqueue(waiting);
            }

            return waiting.Task;
        }
    }
}

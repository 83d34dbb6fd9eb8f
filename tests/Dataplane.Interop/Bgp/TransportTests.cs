using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;
using Dataplane.Net;

namespace Dataplane.Interop.Bgp;

/// <summary>Our listener and connector against FRR's and GoBGP's: keys, the filter before the process, hop limits.</summary>
public sealed class TransportTests : IDisposable
{
    private const int Ours = 1;
    private const int Peer = 2;
    private const int Stranger = 3;
    private const int OtherPeer = 4;
    private const int KeylessPeer = 5;

    private readonly BgpNetwork _network = new(recorded: true);
    private readonly Channel<SocketLink> _accepted = Channel.CreateUnbounded<SocketLink>();
    private readonly ListenerCounters _counters = new();
    private readonly BgpListener _listener;

    public TransportTests() => _listener = _network.Space.Join(() => BgpListener.Start(
        new(IpAddress.Parse(BgpNetwork.Address(Ours))), link => _accepted.Writer.TryWrite(link), _counters));

    public void Dispose()
    {
        _listener.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData("frr")]
    [InlineData("gobgp")]
    [Trait("Requirement", "SEC-07")]
    [Trait("Requirement", "SIG-23")]
    public async Task PeerWithTheRightKeyConnectsAndSignsItsSyn(string kind)
    {
        BgpCapture capture = _network.Capture();
        Allow("s3cret", Peer);
        using BgpDaemon peer = Start(kind, "s3cret", Peer);
        SocketLink link = await Accepted();
        Assert.Equal(IpAddress.Parse(BgpNetwork.Address(Peer)), link.Ends.Remote);
        Assert.NotNull(await ReadOpen(link));
        Assert.All(Syns(capture, Peer, Ours), row => Assert.Contains("19", row[1].Split(',')));
        Assert.All(Syns(capture, Ours, Peer), row => Assert.Contains("19", row[1].Split(',')));
        link.Dispose();
    }

    /// <summary>All at once: GoBGP takes its time before it tries.</summary>
    [Fact]
    [Trait("Requirement", "SEC-07")]
    public void PeersWithAnotherKeyAreNotAnswered()
    {
        (int Number, string Kind, string? Password)[] others = [(Peer, "frr", "other"), (OtherPeer, "gobgp", "other"), (KeylessPeer, "gobgp", null)];
        BgpCapture capture = _network.Capture();
        Allow("s3cret", [.. others.Select(other => other.Number)]);
        foreach ((int number, string kind, string? password) in others)
        {
            _ = _network.Keep(Start(kind, password, number));
        }

        Wait.Until("each of them to try twice", () => capture.Decode($"tcp.flags.syn == 1 && ip.dst == {BgpNetwork.Address(Ours)}", "ip.src")
            .CountBy(row => row[0]).Count(tries => tries.Value >= 2) == others.Length);
        Assert.All(others, other => Assert.Empty(Segments(capture, Ours, other.Number)));
        Assert.False(_accepted.Reader.TryRead(out _));
    }

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public async Task SynOfAStrangerIsNotAnswered()
    {
        BgpCapture capture = _network.Capture();
        Allow(null, Peer);
        using BgpDaemon peer = Start("gobgp", null, Peer);
        using Socket stranger = _network.Space.Join(() => new Socket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        stranger.Bind(new IPEndPoint(IPAddress.Parse(BgpNetwork.Address(Stranger)), 0));
        Task connecting = stranger.ConnectAsync(IPAddress.Parse(BgpNetwork.Address(Ours)), 179);
        Wait.Until("the stranger to try twice", () => Syns(capture, Stranger, Ours).Count >= 2);
        Assert.Empty(Segments(capture, Ours, Stranger));
        Assert.False(connecting.IsCompleted);

        SocketLink link = await Accepted();
        Assert.NotNull(await ReadOpen(link));
        Assert.Equal(0, _counters.Refused(RefusalReason.UnknownPeer));
        stranger.Dispose();
        _ = await Record.ExceptionAsync(() => connecting);
        link.Dispose();
    }

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public async Task FrrWithTtlSecurityTakesOurConnectionAndWeTakeIts()
    {
        HopPolicy near = HopPolicy.Of(new() { TtlSecurityHops = 1 }, isExternal: true);
        _listener.SetRules(new([new(Prefix(Peer), null, near)]));
        using var peer = new FrrPeer(_network, Peer, [new Neighbor(Ours) { As = 65001, TtlSecurityHops = 1 }]);
        SocketLink incoming = await Accepted();
        Assert.NotNull(await ReadOpen(incoming));
        incoming.Dispose();

        IByteLink outgoing = await _network.Space.Join(() => new BgpConnector().ConnectAsync(
            new()
            {
                Address = IpAddress.Parse(BgpNetwork.Address(Peer)),
                As = new(65000),
                Transport = new() { LocalAddress = IpAddress.Parse(BgpNetwork.Address(Ours)) },
            },
            near,
            CancellationToken.None)).WaitAsync(Command.Patience);
        Assert.NotNull(await ReadOpen(outgoing));
        outgoing.Dispose();
    }

    private static IpPrefix Prefix(int number) => IpPrefix.Host(IpAddress.Parse(BgpNetwork.Address(number)));

    private static List<string[]> Syns(BgpCapture capture, int from, int to) => capture.Decode(
        $"tcp.flags.syn == 1 && ip.src == {BgpNetwork.Address(from)} && ip.dst == {BgpNetwork.Address(to)}", "frame.number", "tcp.option_kind");

    private static List<string[]> Segments(BgpCapture capture, int from, int to) => capture.Decode(
        $"tcp && ip.src == {BgpNetwork.Address(from)} && ip.dst == {BgpNetwork.Address(to)}", "frame.number");

    private static async Task<OpenMessage?> ReadOpen(IByteLink link)
    {
        var octets = new byte[MessageHeader.Maximum];
        var filled = 0;
        using var limit = new CancellationTokenSource(Command.Patience);
        while (MessageHeader.Read(octets.AsSpan(0, filled), false, out MessageHeader header, out _) is var outcome && outcome != FrameOutcome.Complete)
        {
            Assert.Equal(FrameOutcome.Incomplete, outcome);
            var count = await link.ReadAsync(octets.AsMemory(filled), limit.Token);
            Assert.NotEqual(0, count);
            filled += count;
        }

        Assert.Null(OpenMessage.Decode(octets.AsSpan(MessageHeader.Size, filled - MessageHeader.Size), out OpenMessage? open));
        return open;
    }

    private void Allow(string? password, params int[] peers) => _listener.SetRules(new([.. peers.Select(number => new AcceptRule(Prefix(number), password, default))]));

    private BgpDaemon Start(string kind, string? password, int number)
    {
        Neighbor[] us = [new(Ours) { Password = password }];
        return kind == "frr" ? new FrrPeer(_network, number, us) : new GoBgpPeer(_network, number, us);
    }

    private async Task<SocketLink> Accepted()
    {
        using var limit = new CancellationTokenSource(Command.Patience);
        return await _accepted.Reader.ReadAsync(limit.Token);
    }
}

using System.Net.Sockets;
using System.Threading.Channels;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Transport;
using Dataplane.Net;

namespace Dataplane.Bgp.Tests.Transport;

/// <summary>Who gets a connection, over the loopback interface: filter, keys and hop limits as the kernel applies them.</summary>
public sealed class BgpListenerTests : IDisposable
{
    /// <summary>Long enough for a SYN and its repetition after a second.</summary>
    private static readonly TimeSpan InVain = TimeSpan.FromSeconds(1.6);

    private readonly Channel<SocketLink> _accepted = Channel.CreateUnbounded<SocketLink>();
    private readonly ListenerCounters _counters = new();
    private readonly List<IDisposable> _open = [];

    public void Dispose() => _open.ForEach(resource => resource.Dispose());

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.9")]
    [InlineData("::1", "::1", null)]
    [Trait("Requirement", "SEC-08")]
    [Trait("Requirement", "SIG-23")]
    public async Task StrangersSynIsNotAnswered(string listen, string peer, string? stranger)
    {
        BgpListener listener = Listen(listen);
        Assert.False(await Connects(listener, Peer(listen, peer)));
        listener.SetRules(new([Rule(peer, null)]));
        Assert.True(await Connects(listener, Peer(listen, peer)));
        Assert.Equal(IpAddress.Parse(peer), (await Accepted()).Ends.Remote);
        if (stranger is not null)
        {
            Assert.False(await Connects(listener, Peer(listen, stranger)));
        }

        listener.SetRules(AcceptList.Nobody);
        Assert.False(await Connects(listener, Peer(listen, peer)));
        Assert.Equal(0, _counters.Refused(RefusalReason.UnknownPeer));
    }

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public async Task RangeOpensTheListenerToItsAddressesOnly()
    {
        BgpListener listener = Listen("127.0.0.1");
        listener.SetRules(new([Rule("127.0.1.0/28", null), Rule("127.0.2.7", null)]));
        Assert.True(await Connects(listener, Peer("127.0.0.1", "127.0.1.1")));
        Assert.True(await Connects(listener, Peer("127.0.0.1", "127.0.1.15")));
        Assert.True(await Connects(listener, Peer("127.0.0.1", "127.0.2.7")));
        bool[] strangers = await Task.WhenAll(
            Connects(listener, Peer("127.0.0.1", "127.0.1.16")), Connects(listener, Peer("127.0.0.1", "127.0.2.6")));
        Assert.DoesNotContain(true, strangers);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.3.4", "127.0.3.0/24")]
    [InlineData("::1", "::1", "::1")]
    [InlineData("::1", "::1", "::/64")]
    [Trait("Requirement", "SEC-07")]
    public async Task OnlyTheRightKeyConnects(string listen, string peer, string rule)
    {
        BgpListener listener = Listen(listen);
        listener.SetRules(new([Rule(rule, "right")]));
        Assert.True(await Connects(listener, Peer(listen, peer, "right")));
        bool[] others = await Task.WhenAll(Connects(listener, Peer(listen, peer, "wrong")), Connects(listener, Peer(listen, peer)));
        Assert.DoesNotContain(true, others);

        listener.SetRules(new([Rule(rule, "changed")]));
        Assert.True(await Connects(listener, Peer(listen, peer, "changed")));
        Assert.False(await Connects(listener, Peer(listen, peer, "right")));

        listener.SetRules(new([Rule(rule, null)]));
        Assert.True(await Connects(listener, Peer(listen, peer)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [Trait("Requirement", "SEC-08")]
    public async Task GtsmDropsTheSynOfAFartherHostAndItsDataToo(string address)
    {
        BgpListener listener = Listen(address);
        HopPolicy near = HopPolicy.Of(new() { TtlSecurityHops = 1 }, isExternal: true);
        Assert.Equal(new HopPolicy(255, 255), near);
        listener.SetRules(new([new(IpPrefix.Host(IpAddress.Parse(address)), null, near)]));
        Assert.False(await Connects(listener, Peer(address, address), new HopPolicy(64, 0)));

        SocketLink client = await Connect(listener, Peer(address, address), near);
        SocketLink server = await Accepted();
        var dropped = MinimumTtlDrops();
        LinuxSocketOptions.SetHops(client.Socket, 254);
        await client.WriteAsync(new byte[] { 1 }, default);
        await ConnectionRig.Until(() => MinimumTtlDrops() > dropped);
        Assert.Equal(0, server.Socket.Available);
        LinuxSocketOptions.SetHops(client.Socket, 255);
        var octet = new byte[1];
        Assert.Equal(1, await server.ReadAsync(octet, default).AsTask().WaitAsync(ConnectionRig.Patience));
    }

    [Fact]
    public async Task ListenerCanBeReplacedWhileConnectionsOfItLinger()
    {
        BgpListener listener = Listen("127.0.0.1");
        listener.SetRules(new([Rule("127.0.0.1", null)]));
        SocketLink client = await Connect(listener, Peer("127.0.0.1", "127.0.0.1"), default);
        SocketLink server = await Accepted();
        server.Dispose(); // The side that closes first is the one that lingers.
        client.Dispose();
        ListenEndpoint endpoint = listener.Endpoint;
        listener.Dispose();
        using BgpListener again = BgpListener.Start(endpoint, link => link.Dispose(), _counters);
        Assert.Equal(endpoint, again.Endpoint);
    }

    [Fact]
    public async Task ConnectorUsesItsAddressAndReportsFailure()
    {
        BgpListener listener = Listen("127.0.0.1");
        listener.SetRules(new([Rule("127.0.0.77", null)]));
        SocketLink client = await Connect(listener, Peer("127.0.0.1", "127.0.0.77"), default);
        Assert.Equal(IpAddress.Parse("127.0.0.77"), client.Ends.Local);
        Assert.True(client.Socket.NoDelay);
        listener.Dispose();
        await Assert.ThrowsAnyAsync<SocketException>(
            () => new BgpConnector().ConnectAsync(Peer("127.0.0.1", "127.0.0.77") with { Port = listener.Endpoint.Port }, default, default));
    }

    [Theory]
    [InlineData(null, null, false, 0, 0)]
    [InlineData(null, null, true, 1, 0)]
    [InlineData(null, 5, true, 5, 0)]
    [InlineData(1, null, true, 255, 255)]
    [InlineData(3, null, false, 255, 253)]
    public void HopsFollowTheSettings(int? security, int? multihop, bool isExternal, byte send, byte minimum) => Assert.Equal(
        new HopPolicy(send, minimum),
        HopPolicy.Of(new() { TtlSecurityHops = (byte?)security, MultihopTtl = (byte?)multihop }, isExternal));

    [Fact]
    public void SecretsAreNotWrittenInText()
    {
        Assert.DoesNotContain("s3cret", Rule("10.0.0.1", "s3cret").ToString());
        Assert.DoesNotContain("s3cret", new PeerTransportSettings { Password = "s3cret" }.ToString());
        Assert.False(Md5Key.IsPossible(""));
        Assert.True(Md5Key.IsPossible(new('x', 80)));
        Assert.False(Md5Key.IsPossible(new('x', 81)));
    }

    private static AcceptRule Rule(string peers, string? password) => new(
        peers.Contains('/') ? IpPrefix.Parse(peers) : IpPrefix.Host(IpAddress.Parse(peers)), password, default);

    private static PeerSettings Peer(string listener, string from, string? password = null) => new()
    {
        Address = IpAddress.Parse(listener),
        As = new(1),
        Transport = new() { LocalAddress = IpAddress.Parse(from), Password = password },
    };

    private static long MinimumTtlDrops()
    {
        string[] lines = [.. File.ReadLines("/proc/net/netstat").Where(line => line.StartsWith("TcpExt:", StringComparison.Ordinal))];
        var column = Array.IndexOf(lines[0].Split(' '), "TCPMinTTLDrop");
        return long.Parse(lines[1].Split(' ')[column], System.Globalization.CultureInfo.InvariantCulture);
    }

    private BgpListener Listen(string address)
    {
        BgpListener listener = BgpListener.Start(new(IpAddress.Parse(address), 0), link => _accepted.Writer.TryWrite(link), _counters);
        _open.Add(listener);
        return listener;
    }

    private async Task<SocketLink> Accepted()
    {
        using var limit = new CancellationTokenSource(ConnectionRig.Patience);
        return await _accepted.Reader.ReadAsync(limit.Token);
    }

    private async Task<SocketLink> Connect(BgpListener listener, PeerSettings peer, HopPolicy hops)
    {
        using var limit = new CancellationTokenSource(ConnectionRig.Patience);
        var link = (SocketLink)await new BgpConnector().ConnectAsync(peer with { Port = listener.Endpoint.Port }, hops, limit.Token);
        _open.Add(link);
        return link;
    }

    private async Task<bool> Connects(BgpListener listener, PeerSettings peer, HopPolicy hops = default)
    {
        using var limit = new CancellationTokenSource(InVain);
        try
        {
            IByteLink link = await new BgpConnector().ConnectAsync(peer with { Port = listener.Endpoint.Port }, hops, limit.Token);
            _open.Add(link);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.Interop.Bgp;

/// <summary>Who gets a session: TCP-MD5, hop limits, and a listener that hears configured peers only.</summary>
public sealed class SecurityTests(SecurityTests.Lab lab) : IClassFixture<SecurityTests.Lab>
{
    private const int Ours = 9;
    private const int Keyed = 2;
    private const int WrongKey = 4;
    private const int WithoutKey = 5;
    private const int NearPeer = 6;
    private const int NearSpeaker = 7;
    private const int Stranger = 30;
    private const int InRange = 17;
    private const int InRangeWithWrongKey = 18;

    [Fact]
    [Trait("Requirement", "SEC-07")]
    [Trait("Requirement", "SIG-23")]
    public void TheSameKeyOnBothSidesMakesASession() => lab.GoBgpPeer.UntilEstablished(Ours);

    [Fact]
    [Trait("Requirement", "SEC-07")]
    public void AKeyHoldsForAWholeRange() => lab.InRangePeer.UntilEstablished(Ours);

    /// <summary>After all those with the right key are up for a while, those with a wrong one still have never been.</summary>
    [Fact]
    [Trait("Requirement", "SEC-07")]
    public void AnotherKeyMakesNone()
    {
        lab.GoBgpPeer.UntilEstablished(Ours);
        lab.InRangePeer.UntilEstablished(Ours);
        Assert.False(RawPeer.CanConnect(lab.Network, WithoutKey, Ours));
        Assert.DoesNotContain(lab.WrongKeyPeer.Messages, message => (string?)message["neighbor"]?["state"] == "up");
        Assert.DoesNotContain(lab.WrongKeyInRangePeer.Messages, message => (string?)message["neighbor"]?["state"] == "up");
        Assert.Empty(lab.Capture.Decode($"tcp.flags.syn == 1 && tcp.flags.ack == 1 && ip.src == {BgpNetwork.Address(Ours)} && "
            + $"(ip.dst == {BgpNetwork.Address(WrongKey)} || ip.dst == {BgpNetwork.Address(InRangeWithWrongKey)} || ip.dst == {BgpNetwork.Address(WithoutKey)})", "frame.number"));
    }

    [Fact]
    [Trait("Requirement", "SEC-08")]
    [Trait("Requirement", "SIG-23")]
    public void AStrangerIsNotAnswered()
    {
        lab.GoBgpPeer.UntilEstablished(Ours);
        Assert.False(RawPeer.CanConnect(lab.Network, Stranger, Ours));
        Assert.Empty(lab.Capture.Decode($"ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(Stranger)} && tcp.flags.syn == 1", "frame.number"));
    }

    /// <summary>GTSM (RFC 5082): with a hop limit of 255 packets come from next door, with 64 they may come from anywhere.</summary>
    [Fact]
    [Trait("Requirement", "SEC-08")]
    public void PacketsFromAfarAreDropped()
    {
        Assert.False(RawPeer.CanConnect(lab.Network, NearPeer, Ours, socket => socket.Ttl = 64));
        using RawPeer near = new(lab.Network, NearPeer, Ours, socket => socket.Ttl = 255);
        _ = near.Establish(65000, [Family.Vpn4]);
        Assert.All(lab.Capture.Decode($"ip.src == {BgpNetwork.Address(Ours)} && ip.dst == {BgpNetwork.Address(NearPeer)} && bgp", "ip.ttl"),
            row => Assert.Equal("255", row[0]));
    }

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public void GoBgpChecksOurHopLimitAndWeItsOwn() => lab.NearGoBgpPeer.UntilEstablished(Ours);

    /// <summary>Our speaker and peers with right keys, wrong keys and none.</summary>
    public sealed class Lab : IDisposable
    {
        public Lab()
        {
            Network = new BgpNetwork(recorded: true);
            try
            {
                Network.Space.Sysctl("net.ipv4.tcp_syn_retries=1");
                Capture = Network.Capture();
                Neighbor toUs = new(Ours);
                _ = Network.Keep(new OurSpeaker(Network, Ours, OurSpeaker.Configuration(Ours,
                    [
                        new Neighbor(Keyed) { Password = "s3cret" },
                        new Neighbor(WrongKey) { Password = "s3cret", Passive = true },
                        new Neighbor(WithoutKey) { Password = "s3cret", Passive = true },
                        new Neighbor(NearPeer) { TtlSecurityHops = 1, Passive = true },
                        new Neighbor(NearSpeaker) { TtlSecurityHops = 1 },
                    ],
                    bgp: $"""
                          dynamic-peers:
                          - range: 10.0.0.16/29
                        {OurSpeaker.Options(new Neighbor(0) { Password = "range-s3cret" })}
                        """)));
                GoBgpPeer = Network.Keep(new GoBgpPeer(Network, Keyed, [toUs with { Password = "s3cret", Passive = true }]));
                NearGoBgpPeer = Network.Keep(new GoBgpPeer(Network, NearSpeaker, [toUs with { TtlSecurityHops = 1, Passive = true }]));
                WrongKeyPeer = Network.Keep(new ExaBgpPeer(Network, WrongKey, [toUs with { Password = "wr0ng" }]));
                InRangePeer = Network.Keep(new ExaBgpPeer(Network, InRange, [toUs with { Password = "range-s3cret" }]));
                WrongKeyInRangePeer = Network.Keep(new ExaBgpPeer(Network, InRangeWithWrongKey, [toUs with { Password = "s3cret" }]));
            }
            catch
            {
                Network.Dispose();
                throw;
            }
        }

        public BgpNetwork Network { get; }

        public BgpCapture Capture { get; }

        public GoBgpPeer GoBgpPeer { get; }

        public GoBgpPeer NearGoBgpPeer { get; }

        public ExaBgpPeer WrongKeyPeer { get; }

        public ExaBgpPeer InRangePeer { get; }

        public ExaBgpPeer WrongKeyInRangePeer { get; }

        public void Dispose() => Network.Dispose();
    }
}

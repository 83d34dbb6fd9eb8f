using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>Several speakers on one thread: the test runs their loops until something is so.</summary>
internal sealed class TestNet
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public VirtualTime Time { get; } = new();

    public MemoryNetwork Network { get; } = new();

    public List<TestNode> Nodes { get; } = [];

    public TestNode Add(string address, uint number, Func<SpeakerSettings, SpeakerSettings>? settings = null, BgpSpeakerOptions? options = null)
    {
        var node = new TestNode(this, IpAddress.Parse(address), new(number), settings ?? (same => same), options ?? new());
        Nodes.Add(node);
        return node;
    }

    /// <summary>Runs the loops until it is so; octets travel on the pool meanwhile.</summary>
    public void Until(Func<bool> isSo, string what = "") => Until(isSo, () => what);

    /// <summary>As the other; what was awaited is asked for when it does not come.</summary>
    public void Until(Func<bool> isSo, Func<string> what)
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var isBusy = false;
            foreach (TestNode node in Nodes.ToArray())
            {
                isBusy |= node.Loop.RunTurn();
            }

            if (isSo())
            {
                return;
            }

            if (start.Elapsed > Patience)
            {
                Assert.Fail($"It did not come: {what()}");
            }

            if (!isBusy)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Runs the loops until nothing moves for a while.</summary>
    public void Quiet()
    {
        var calm = 0;
        while (calm < 12)
        {
            var isBusy = false;
            foreach (TestNode node in Nodes.ToArray())
            {
                isBusy |= node.Loop.RunTurn();
            }

            calm = isBusy ? 0 : calm + 1;
            Thread.Sleep(1);
        }
    }

    public void Advance(TimeSpan by)
    {
        Time.Advance(by);
        Quiet();
    }

    public void UntilEstablished() => Until(
        () => Nodes.TrueForAll(node => node.Speaker.Peers.All(peer => !peer.Settings.Enabled || peer.State == SessionState.Established)),
        "all sessions established");
}

/// <summary>A speaker with its loop and routes.</summary>
internal sealed class TestNode
{
    private readonly SourceId _local;

    public TestNode(TestNet net, IpAddress address, AsNumber number, Func<SpeakerSettings, SpeakerSettings> settings, BgpSpeakerOptions options)
    {
        Address = address;
        Loop = new(net.Time);
        Routes = new(net.Time);
        Speaker = new(
            Loop,
            Routes,
            settings(new() { As = number, RouterId = address.V4.Value }),
            options with { Connector = net.Network.From(address) });
        _local = Routes.Sources.Add(new() { Kind = SourceKind.Local, RouterId = address.V4.Value, As = number, Name = "test" });
        net.Network.Attach(address, Speaker);
    }

    public IpAddress Address { get; }

    public RoutingLoop Loop { get; }

    public RoutingBase Routes { get; }

    public BgpSpeaker Speaker { get; }

    public void Start() => Speaker.Start();

    /// <summary>Originates a VPN route of our own.</summary>
    public void Originate(string distinguisher, string prefix, uint label = 1000, params string[] targets) =>
        Originate(_local, RouteFamily.VpnIpv4, Nlri.Of(IpPrefix.Parse(prefix), RouteDistinguisher.Parse(distinguisher)), label, targets);

    public void Originate(SourceId source, RouteFamily family, Nlri nlri, uint label, IReadOnlyList<string> targets, string? nextHop = null)
    {
        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        builder.SetNextHop(nextHop is null ? Address : IpAddress.Parse(nextHop));
        builder.SetExtendedCommunities([.. targets.Select(ExtendedCommunity.ParseRouteTarget)]);
        AttributeSetId set = Routes.Attributes.Intern(builder.Block);
        Routes.Attributes.Acquire(set);
        _ = Routes[family].Announce(nlri, source, 0, set, set, family.IsLabeled ? label << 4 | 1 : 0);
        Loop.Wake();
    }

    public void Withdraw(string distinguisher, string prefix)
    {
        _ = Routes[RouteFamily.VpnIpv4].Withdraw(Nlri.Of(IpPrefix.Parse(prefix), RouteDistinguisher.Parse(distinguisher)), _local, 0);
        Loop.Wake();
    }

    /// <summary>The VPN-IPv4 routes that a peer has sent: prefix and label of each path, in order.</summary>
    public SortedSet<string> From(TestNode peer, RouteFamily family = RouteFamily.VpnIpv4)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (Speaker.Peers.FirstOrDefault(view => view.Address == peer.Address) is not { } view)
        {
            return found;
        }

        FamilyTable table = Routes[family];
        for (var i = 0; i < table.DestinationCapacity; i++)
        {
            if (!table.Exists(new(i)))
            {
                continue;
            }

            foreach (PathId path in table.PathsOf(new(i)))
            {
                if (table.Row(path).Source == view.Source)
                {
                    Nlri nlri = table.NlriOf(new(i));
                    _ = found.Add(family == RouteFamily.RouteTargetConstraint
                        ? $"{nlri.High:x}:{nlri.Low:x}/{nlri.Length}"
                        : $"{nlri.Distinguisher} {nlri.Prefix(family)} {table.Row(path).Label >> 4}");
                }
            }
        }

        return found;
    }

    public PeerSnapshot Of(TestNode peer) => Speaker.Snapshot(peer.Address)!;
}

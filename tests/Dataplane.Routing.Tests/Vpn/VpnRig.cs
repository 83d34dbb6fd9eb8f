using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

/// <summary>A routing base with VRFs and one peer, in the words of configuration.</summary>
internal sealed class VpnRig
{
    /// <summary>Flow specifications 1 to so many are held; what they say is of no matter to VRFs.</summary>
    public const int Rules = 32;

    private readonly AttributeBlockBuilder _builder = new();

    public VpnRig(VrfTableOptions? options = null, bool isQuiet = false)
    {
        Vrfs = Routing.AddVrfs(options ?? new VrfTableOptions
        {
            As = new(65000),
            RouterId = Ipv4Address.Parse("10.0.0.9").Value,
            NextHop = Ipv4Address.Parse("10.0.0.9"),
            NextHop6 = Ipv6Address.Parse("2001:db8::9"),
        });
        Peer = AddPeer("10.0.0.1");
        for (byte rule = 1; rule <= Rules; rule++)
        {
            Assert.Equal(rule, Routing.FlowSpecs.Intern([rule]));
        }

        Events = new(this);
        if (!isQuiet)
        {
            Vrfs.Listen((IVrfRouteListener)Events);
            Vrfs.Listen((ISuppressionListener)Events);
        }
    }

    public RoutingBase Routing { get; } = new();

    public VrfTable Vrfs { get; }

    public SourceId Peer { get; }

    public EventLog Events { get; }

    public static ExtendedCommunity[] Targets(params string[] targets) => Array.ConvertAll(targets, ExtendedCommunity.ParseRouteTarget);

    public SourceId AddPeer(string address, SourceKind kind = SourceKind.Ibgp) => Routing.Sources.Add(new SourceInfo
    {
        Kind = kind,
        RouterId = Ipv4Address.Parse(address).Value,
        Address = Ipv4Address.Parse(address),
        As = new(65000),
        Name = address,
    });

    public VrfIndex AddVrf(string name, string[] import, string[] export, params string[] aggregates) =>
        Vrfs.Add(Settings(name, import, export, aggregates));

    public static VrfSettings Settings(string name, string[] import, string[] export, params string[] aggregates) => new()
    {
        Name = name,
        ImportTargets = Targets(import),
        ExportTargets = Targets(export),
        Aggregates = Array.ConvertAll(aggregates, prefix => new VrfAggregateSettings(IpPrefix.Parse(prefix))),
    };

    public void Announce(
        string distinguisher, string prefix, string nextHop, uint label, string[] targets,
        uint version = 0, uint? preference = null, SourceId? source = null, uint med = 0, uint[]? path = null)
    {
        _builder.Clear();
        _builder.SetOrigin(0);
        _builder.SetAsPath(Array.ConvertAll(path ?? [], number => new AsNumber(number)));
        _builder.SetNextHop(IpAddress.Parse(nextHop));
        if (preference is { } value)
        {
            _builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, value);
        }

        if (med != 0)
        {
            _builder.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, med);
        }

        ExtendedCommunity[] communities = version == 0 ? Targets(targets) : [.. Targets(targets), ExtendedCommunity.Mobility(version)];
        _builder.SetExtendedCommunities(communities);
        AttributeSetId set = Routing.Attributes.Intern(_builder.Block);
        Routing.Attributes.Acquire(set);
        var parsed = IpPrefix.Parse(prefix);
        _ = Table(parsed).Announce(
            Nlri.Of(parsed, RouteDistinguisher.Parse(distinguisher)), source ?? Peer, 0, set, set, label << 4 | 1);
    }

    public void Withdraw(string distinguisher, string prefix, SourceId? source = null)
    {
        var parsed = IpPrefix.Parse(prefix);
        Assert.True(Table(parsed).Withdraw(Nlri.Of(parsed, RouteDistinguisher.Parse(distinguisher)), source ?? Peer, 0));
    }

    public void Settle() => Assert.Equal(0, Routing.Settle());

    /// <summary>The next hops of a route, sorted: <c>10.0.0.1/100 10.0.0.2/100</c>; empty when there is no route.</summary>
    public string Route(VrfIndex vrf, string prefix) =>
        Vrfs.TryFindRoute(vrf, IpPrefix.Parse(prefix), out VrfRouteView route) ? Text(route) : "";

    /// <summary>The prefixes of a VRF, sorted.</summary>
    public string Prefixes(VrfIndex vrf, RouteFamily family = RouteFamily.VpnIpv4)
    {
        var prefixes = new List<IpPrefix>();
        foreach (VrfRouteView route in Vrfs.RoutesOf(vrf, family))
        {
            prefixes.Add(route.Prefix);
        }

        return string.Join(' ', prefixes.OrderBy(static prefix => prefix.Address).ThenBy(static prefix => prefix.Length));
    }

    /// <summary>The best path to a VPN destination, as <c>next-hop/label targets</c>; empty when there is none.</summary>
    public string Best(string distinguisher, string prefix)
    {
        var parsed = IpPrefix.Parse(prefix);
        if (!Table(parsed).TryFind(Nlri.Of(parsed, RouteDistinguisher.Parse(distinguisher)), out DestinationId destination)
            || Table(parsed).BestOf(destination) is not { IsNone: false } best)
        {
            return "";
        }

        PathRow row = Table(parsed).Row(best);
        AttributeSummary summary = Routing.Attributes.Summary(row.Accepted);
        return $"{Routing.NextHops[summary.NextHop]}/{row.Label >> 4} "
            + string.Join(' ', Routing.RouteTargets[summary.RouteTargets].ToArray().Select(static target => target.ToString()));
    }

    public DestinationId Destination(string distinguisher, string prefix)
    {
        var parsed = IpPrefix.Parse(prefix);
        Assert.True(Table(parsed).TryFind(Nlri.Of(parsed, RouteDistinguisher.Parse(distinguisher)), out DestinationId destination));
        return destination;
    }

    public static string Text(VrfRouteView route)
    {
        var hops = new VrfNextHop[route.NextHopCount];
        Assert.Equal(hops.Length, route.CopyNextHops(hops));
        return string.Join(' ', hops.OrderBy(static hop => hop.Address).ThenBy(static hop => hop.Label).Select(static hop => $"{hop.Address}/{hop.Label}"));
    }

    private FamilyTable Table(IpPrefix prefix) => Routing[prefix.Address.IsV6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4];

    /// <summary>What listeners were told, in words.</summary>
    internal sealed class EventLog(VpnRig rig) : IVrfRouteListener, ISuppressionListener
    {
        private readonly List<string> _told = [];

        public string Take()
        {
            var all = string.Join("; ", _told);
            _told.Clear();
            return all;
        }

        public void RouteChanged(VrfRouteView route) =>
            _told.Add($"{rig.Vrfs[route.Vrf].Name} {(route.Family.IsFlowSpec ? "rule" : route.Prefix)} via {Text(route)}");

        public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri) =>
            _told.Add($"{rig.Vrfs[vrf].Name} {(family.IsFlowSpec ? "rule" : nlri.Prefix(family))} gone");

        public void SuppressionChanged(RouteFamily family, DestinationId destination, bool suppressed) =>
            _told.Add(suppressed ? "suppressed" : "unsuppressed");
    }
}

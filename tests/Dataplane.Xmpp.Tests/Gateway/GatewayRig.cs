using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>A gateway over real VRFs, without sockets and with a time of its own: VRFs blue, red and shared, which imports from both.</summary>
internal sealed class GatewayRig : IDisposable
{
    private readonly AttributeBlockBuilder _builder = new();
    private readonly SourceId _peer;

    public GatewayRig(SignalingGatewaySettings? settings = null, Provisioning? provisioning = null)
    {
        Loop = new(Time);
        Routing = new(Time);
        Vrfs = Routing.AddVrfs(new() { As = new(65000), RouterId = 1, NextHop = new Ipv4Address(0xCB007101) });
        _peer = Routing.Sources.Add(new() { Kind = SourceKind.Ibgp, Name = "peer", RouterId = 2 });
        foreach (var (name, target) in new[] { ("blue", "65000:1"), ("red", "65000:2") })
        {
            _ = Vrfs.Add(new() { Name = name, ImportTargets = [Target(target)], ExportTargets = [Target(target)] });
        }

        _ = Vrfs.Add(new() { Name = "shared", ImportTargets = [Target("65000:1"), Target("65000:2")] });
        Gateway = new(Loop, Routing, settings ?? new SignalingGatewaySettings(), provisioning ?? Everybody());
        Run();
    }

    public static Jid Address { get; } = Jid.Parse("sg.dc1.example.net");

    public ManualTime Time { get; } = new();

    public RoutingLoop Loop { get; }

    public RoutingBase Routing { get; }

    public VrfTable Vrfs { get; }

    public SignalingGateway Gateway { get; }

    public static ExtendedCommunity Target(string text) => ExtendedCommunity.ParseRouteTarget(text);

    /// <summary>Everybody may do everything in blue, red and shared.</summary>
    public static Provisioning Everybody(string pattern = "*") => new(
    [
        new EndSystemGrant
        {
            Pattern = pattern,
            Vpns = [.. new[] { "blue", "red", "shared" }.Select(static vpn => new VpnGrant { Vpn = vpn, Prefixes = [IpPrefix.Parse("0.0.0.0/0"), IpPrefix.Parse("::/0")] })],
        },
    ]);

    public EndSystemModel Host(string systemId, string infrastructure) => new(this, $"{systemId}@dc1.example.net", infrastructure);

    /// <summary>Lets time pass, and what follows from it.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    /// <summary>Runs the loop and settles the tables until nothing is left to do.</summary>
    public void Run()
    {
        do
        {
            while (Loop.RunTurn())
            {
            }

            _ = Routing.Settle();
        }
        while (Loop.RunTurn() || !Routing.IsSettled);
    }

    /// <summary>A route from a BGP peer.</summary>
    public void Announce(string prefix, string distinguisher, string nextHop, uint label, string target, uint version = 0, uint? preference = null)
    {
        _builder.Clear();
        _builder.SetOrigin(0);
        _builder.SetAsPath();
        _builder.SetNextHop(IpAddress.Parse(nextHop));
        _builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, preference ?? 100);
        List<ExtendedCommunity> communities = [Target(target)];
        if (version != 0)
        {
            communities.Add(ExtendedCommunity.Mobility(version));
        }

        communities.Sort();
        _builder.SetExtendedCommunities(communities.ToArray());
        AttributeSetId attributes = Routing.Attributes.Intern(_builder.Block);
        Routing.Attributes.Acquire(attributes);
        var nlri = IpPrefix.Parse(prefix);
        _ = Table(nlri).Announce(
            Nlri.Of(nlri, RouteDistinguisher.Parse(distinguisher)), _peer, 0, attributes, attributes, label << 4 | 1);
        Run();
    }

    /// <summary>The route has gone.</summary>
    public void Withdraw(string prefix, string distinguisher)
    {
        var nlri = IpPrefix.Parse(prefix);
        _ = Table(nlri).Withdraw(Nlri.Of(nlri, RouteDistinguisher.Parse(distinguisher)), _peer, 0);
        Run();
    }

    /// <summary>A flow specification from a BGP peer.</summary>
    public void AnnounceRule(in Nlri nlri, string target, string action)
    {
        _builder.Clear();
        _builder.SetOrigin(0);
        _builder.SetAsPath();
        Assert.True(FlowSpecAction.TryParse(action, out FlowSpecAction parsed));
        ExtendedCommunity[] communities = [Target(target), parsed.Community];
        Array.Sort(communities);
        _builder.SetExtendedCommunities(communities);
        AttributeSetId attributes = Routing.Attributes.Intern(_builder.Block);
        Routing.Attributes.Acquire(attributes);
        _ = Routing[RouteFamily.VpnIpv4FlowSpec].Announce(nlri, _peer, 0, attributes, attributes, 0);
        Run();
    }

    /// <summary>The flow specification has gone.</summary>
    public void WithdrawRule(in Nlri nlri)
    {
        _ = Routing[RouteFamily.VpnIpv4FlowSpec].Withdraw(nlri, _peer, 0);
        Run();
    }

    /// <summary>What is in the VPN tables, as BGP would have it: distinguisher, prefix, next hop, label, version, route targets.</summary>
    public IEnumerable<string> Exported()
    {
        foreach (RouteFamily family in new[] { RouteFamily.VpnIpv4, RouteFamily.VpnIpv6 })
        {
            FamilyTable table = Routing[family];
            for (var i = 0; i < table.DestinationCapacity; i++)
            {
                var destination = new DestinationId(i);
                if (!table.Exists(destination) || table.BestOf(destination).IsNone)
                {
                    continue;
                }

                PathRow path = table.Row(table.BestOf(destination));
                AttributeSummary summary = Routing.Attributes.Summary(path.Accepted);
                Nlri nlri = table.NlriOf(destination);
                yield return $"{nlri.Distinguisher} {nlri.Prefix(family)} via {Routing.NextHops[summary.NextHop]}:{path.Label >> 4} v{summary.Version}";
            }
        }
    }

    public void Dispose() => Loop.Dispose();

    private FamilyTable Table(IpPrefix prefix) => Routing[prefix.Family == AddressFamily.Ipv6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4];
}

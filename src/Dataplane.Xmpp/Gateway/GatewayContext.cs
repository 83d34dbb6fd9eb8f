using Dataplane.Routing;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Propagation;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What the parts of a gateway share. Routing thread.</summary>
internal sealed class GatewayContext(RoutingLoop loop, RoutingBase routing, SignalingGatewaySettings settings)
{
    /// <summary>The routing thread.</summary>
    public RoutingLoop Loop { get; } = loop;

    /// <summary>The VRFs.</summary>
    public VrfTable Vrfs { get; } = routing.Vrfs ?? throw new ArgumentException("a signaling gateway needs VRFs", nameof(routing));

    /// <summary>The flow specifications of all tables, by number.</summary>
    public FlowSpecStore Rules { get; } = routing.FlowSpecs;

    /// <summary>The source of what clients publish.</summary>
    public SourceId Source { get; } = routing.Sources.Add(new SourceInfo { Kind = SourceKind.Xmpp, Name = "end-systems" });

    /// <summary>The settings in force.</summary>
    public SignalingGatewaySettings Settings { get; set; } = settings;

    /// <summary>What is provisioned.</summary>
    public Provisioning Provisioning { get; set; } = Provisioning.Empty;

    /// <summary>Instance ids of VRFs for which nobody names one.</summary>
    public VrfInstances Instances { get; } = new(routing.Vrfs!);

    /// <summary>What is counted.</summary>
    public SignalingCounters Counters { get; } = new();

    /// <summary>How long changes take.</summary>
    public PropagationTimes Times { get; } = new(loop.Time);

    /// <summary>Remembers what clients publish over our own restart; null: nothing does.</summary>
    public PublicationJournal? Journal { get; set; }

    /// <summary>What clients had published before our restart, too long ago to be in force, and have not published again.</summary>
    public Dictionary<(Jid Client, LeafKey Key), RememberedPublication> Awaited { get; } = [];

    /// <summary>What is being done that changes routes, and when it began; null while nothing that is timed is.</summary>
    public (PropagationCause Cause, long At)? Doing { get; set; }

    /// <summary>Who is told.</summary>
    public List<ISignalingObserver> Observers { get; } = [];

    /// <summary>Now, in ticks of the loop's time.</summary>
    public long Now => Loop.Time.GetTimestamp();

    /// <summary>The grant and VRF of a client's VPN.</summary>
    public Refusal? Resolve(GatewayClient client, string vpn, out VpnGrant? grant, out VrfIndex vrf)
    {
        vrf = default;
        grant = client.Access.Find(vpn);
        if (grant is null)
        {
            return Provisioning.Knows(vpn) || Vrfs.TryFind(vpn, out _) ? Refusal.ForeignVpn(vpn) : Refusal.UnknownVpn(vpn);
        }

        return Vrfs.TryFind(grant.Vrf ?? vpn, out vrf) ? null : Refusal.UnknownVpn(vpn);
    }

    /// <summary>A route of a VRF was changed, by what is being done.</summary>
    public void Changed(VrfIndex vrf, Net.IpPrefix prefix, bool isWithdrawal)
    {
        if (Doing is { } doing)
        {
            var isRequest = doing.Cause == PropagationCause.Published;
            Times.Began(isRequest && isWithdrawal ? PropagationCause.Withdrawn : doing.Cause, doing.At, vrf, prefix);
        }
    }

    public void Tell(Action<ISignalingObserver> tell)
    {
        foreach (ISignalingObserver observer in Observers)
        {
            tell(observer);
        }
    }
}

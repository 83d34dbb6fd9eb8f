using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What the parts of a gateway share. Routing thread.</summary>
internal sealed class GatewayContext(RoutingLoop loop, RoutingBase routing, SignalingGatewaySettings settings)
{
    /// <summary>The routing thread.</summary>
    public RoutingLoop Loop { get; } = loop;

    /// <summary>The VRFs.</summary>
    public VrfTable Vrfs { get; } = routing.Vrfs ?? throw new ArgumentException("a signaling gateway needs VRFs", nameof(routing));

    /// <summary>The source of what clients publish.</summary>
    public SourceId Source { get; } = routing.Sources.Add(new SourceInfo { Kind = SourceKind.Xmpp, Name = "end-systems" });

    /// <summary>The settings in force.</summary>
    public SignalingGatewaySettings Settings { get; set; } = settings;

    /// <summary>What is provisioned.</summary>
    public Provisioning Provisioning { get; set; } = Provisioning.Empty;

    /// <summary>What is counted.</summary>
    public SignalingCounters Counters { get; } = new();

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

    public void Tell(Action<ISignalingObserver> tell)
    {
        foreach (ISignalingObserver observer in Observers)
        {
            tell(observer);
        }
    }
}

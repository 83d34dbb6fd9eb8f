using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>What interfaces of a forwarder in the same process need to know of it.</summary>
public sealed record ForwardedInterfacesOptions
{
    /// <summary>Its infrastructure address: the next hop of what it publishes.</summary>
    public required IpAddress NextHop { get; init; }

    /// <summary>Whether an address is one of its infrastructure addresses.</summary>
    public required Func<IpAddress, bool> IsOwn { get; init; }

    /// <summary>The route of a VPN as it is known now; null for none.</summary>
    public required Func<string, IpPrefix, NotifiedRoute?> FindRoute { get; init; }

    /// <summary>The label that configuration gives a VPN's VRF; null: one is assigned.</summary>
    public Func<string, Label20?> ConfiguredLabel { get; init; } = static _ => null;

    /// <summary>How long packets that come for an interface that moved away are sent after it (MOB-05).</summary>
    public TimeSpan RepairTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Told when the route of an address of ours has come back and was given to the forwarder, which is what makes it reachable (SIG-13): the VPN, the
    /// address, and when it was given to us, in ticks of the loop's time.
    /// </summary>
    public Action<string, IpPrefix, long>? Confirmed { get; init; }

    /// <summary>Told of what goes wrong after an interface was there.</summary>
    public Action<string, string>? Failed { get; init; }
}

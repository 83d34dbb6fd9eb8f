using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>Which of two connections of one peer stays (RFC 4271 §6.8, RFC 6286 §2.3).</summary>
public static class CollisionRule
{
    /// <summary>
    /// Whether the connection that we made is the one that stays: the side with the higher BGP identifier keeps its own, and with equal
    /// identifiers, which only speakers of different systems may have, the side with the higher AS number.
    /// </summary>
    public static bool KeepsOutgoing(OpenMessage local, OpenMessage remote) =>
        local.RouterId != remote.RouterId ? local.RouterId > remote.RouterId : local.As.Value > remote.As.Value;
}

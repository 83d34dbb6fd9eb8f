using Dataplane.Bgp.Wire;

namespace Dataplane.Bgp.Fsm;

/// <summary>What our OPENs say about our own restart (RFC 4724 §3).</summary>
/// <param name="Restarting">R: we have restarted and wait for the peers' End-of-RIB.</param>
/// <param name="ForwardingKept">F: families whose forwarding state outlived the restart.</param>
public readonly record struct RestartState(bool Restarting, FamilySet ForwardingKept);

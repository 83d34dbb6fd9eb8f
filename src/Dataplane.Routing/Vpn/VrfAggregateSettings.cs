using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// A covering route of a VRF: there, with our own next hop and the VRF's aggregate label, while the VRF has at least one longer route
/// inside the prefix (INT-04, INT-05).
/// </summary>
/// <param name="Prefix">The covering prefix.</param>
/// <param name="SuppressSpecifics">
/// Whether the routes inside are kept from peers that are to see aggregates only; see <see cref="VrfTable.IsSuppressed"/>.
/// </param>
public sealed record VrfAggregateSettings(IpPrefix Prefix, bool SuppressSpecifics = true);

using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>Where a tunnel leaves: its next hop in the underlay.</summary>
/// <param name="Id">Index of the tunnel.</param>
/// <param name="Port">Core port it leaves by.</param>
/// <param name="NextHop">Address on that port's link to resolve: the remote end itself or an underlay router.</param>
public sealed record TunnelInfo(TunnelId Id, PortId Port, IpAddress NextHop);

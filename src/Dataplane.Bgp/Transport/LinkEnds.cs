using Dataplane.Net;

namespace Dataplane.Bgp.Transport;

/// <summary>The addresses and ports of a connection.</summary>
/// <param name="Local">Our address.</param>
/// <param name="LocalPort">Our port.</param>
/// <param name="Remote">The peer's address.</param>
/// <param name="RemotePort">The peer's port.</param>
public readonly record struct LinkEnds(IpAddress Local, ushort LocalPort, IpAddress Remote, ushort RemotePort);

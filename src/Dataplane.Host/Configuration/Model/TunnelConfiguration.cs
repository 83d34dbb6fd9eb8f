using Dataplane.Net;

namespace Dataplane.Host.Configuration;

/// <summary>Settings of the tunnel to one remote forwarder.</summary>
internal sealed record TunnelConfiguration
{
    /// <summary>The remote forwarder's infrastructure address.</summary>
    public required IpAddress Remote { get; init; }

    /// <summary>The encapsulation; the file's default when the tunnel sets none.</summary>
    public required EncapsulationType Encapsulation { get; init; }

    /// <summary>Path MTU of the underlay towards the remote, in octets; null for the MTU of the core port the tunnel leaves by.</summary>
    public required int? Mtu { get; init; }
}

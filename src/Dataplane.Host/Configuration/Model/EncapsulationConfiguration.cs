namespace Dataplane.Host.Configuration;

/// <summary>Defaults of tunnels. All markings follow the pipe model: the inner packet's are neither read nor changed.</summary>
internal sealed record EncapsulationConfiguration
{
    /// <summary>The encapsulation of a tunnel that sets none.</summary>
    public required EncapsulationType Default { get; init; }

    /// <summary>Outer TTL or hop limit, and TTL of the label, 1 to 255.</summary>
    public required int Ttl { get; init; }

    /// <summary>Markings of an interface that sets none.</summary>
    public required ForwardingClass Class { get; init; }

    /// <summary>Whether MPLS-in-UDP over IPv6 goes without a UDP checksum, sending and accepting zero (RFC 6935, RFC 6936).</summary>
    public required bool Udp6ZeroChecksum { get; init; }
}

/// <summary>How a labelled packet travels through the underlay.</summary>
internal enum EncapsulationType
{
    /// <summary>MPLS-in-GRE (RFC 4023).</summary>
    MplsInGre,

    /// <summary>MPLS-in-UDP (RFC 7510), whose source port spreads flows over equal paths.</summary>
    MplsInUdp,

    /// <summary>MPLS-in-IP (RFC 4023), the shortest.</summary>
    MplsInIp,
}

/// <summary>The markings of encapsulated packets.</summary>
/// <param name="Dscp">Outer DSCP, 0 to 63 (RFC 2474).</param>
/// <param name="TrafficClass">Traffic class of the label, 0 to 7 (RFC 5462).</param>
internal readonly record struct ForwardingClass(int Dscp, int TrafficClass);

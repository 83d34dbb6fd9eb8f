namespace Dataplane.Net;

/// <summary>UDP port numbers (IANA service-names registry).</summary>
public static class UdpPort
{
    /// <summary>MPLS-in-UDP (RFC 7510).</summary>
    public const ushort MplsInUdp = 6635;
}

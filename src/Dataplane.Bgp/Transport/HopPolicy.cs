using Dataplane.Bgp.Settings;

namespace Dataplane.Bgp.Transport;

/// <summary>With which TTL or hop limit a peer is sent to, and what is taken of it.</summary>
/// <param name="Send">What we send with; 0: the system's default.</param>
/// <param name="Minimum">The least that is taken; 0: anything.</param>
public readonly record struct HopPolicy(byte Send, byte Minimum)
{
    private const byte Most = 255;

    /// <summary>
    /// The policy of a peer: GTSM (RFC 5082) when it is on, a number of hops when it is given, one hop to an external peer, anything to an internal one.
    /// </summary>
    public static HopPolicy Of(PeerTransportSettings settings, bool isExternal) => settings switch
    {
        { TtlSecurityHops: { } hops and > 0 } => new(Most, (byte)(Most + 1 - hops)),
        { MultihopTtl: { } hops } => new(hops, 0),
        _ => new(isExternal ? (byte)1 : (byte)0, 0),
    };
}

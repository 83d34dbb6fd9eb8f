namespace Dataplane.Interop.Bgp.Peers;

/// <summary>One configured neighbour of a peer, to be said in that peer's own language.</summary>
/// <param name="Number">The speaker at the other end.</param>
public sealed record Neighbor(int Number)
{
    public uint As { get; init; } = 65000;

    /// <summary>The autonomous system that the peer claims in this session, when it is not its own.</summary>
    public uint? LocalAs { get; init; }

    public IReadOnlyList<Family> Families { get; init; } = [Family.Vpn4];

    /// <summary>The key of TCP-MD5.</summary>
    public string? Password { get; init; }

    /// <summary>Whether the peer only waits for the other end to connect.</summary>
    public bool Passive { get; init; }

    public bool ReflectorClient { get; init; }

    /// <summary>Seconds for which the other end shall keep the peer's routes; none: no graceful restart.</summary>
    public int? RestartTime { get; init; }

    /// <summary>Seconds for which they are kept as long-lived stale ones after that (GoBGP).</summary>
    public int? LongLivedTime { get; init; }

    /// <summary>GTSM: the session's packets must come from a neighbour this many hops away.</summary>
    public int? TtlSecurityHops { get; init; }

    /// <summary>Whether the peer takes several paths to a destination.</summary>
    public bool AddPathReceive { get; init; }

    /// <summary>How many paths to a destination the peer sends; 0: the best one, without identifiers.</summary>
    public int AddPathSend { get; init; }

    /// <summary>Seconds; keepalives come three times as often.</summary>
    public int HoldTime { get; init; } = 90;

    /// <summary>Whether the session runs over IPv6.</summary>
    public bool OverIpv6 { get; init; }

    /// <summary>Whether this neighbour's next hops of IPv4 families may be IPv6 ones (RFC 8950; BIRD).</summary>
    public bool ExtendedNextHop { get; init; }

    /// <summary>Further lines in the peer's own language, inside the neighbour.</summary>
    public string Extra { get; init; } = "";

    public string Address => OverIpv6 ? BgpNetwork.Address6(Number) : BgpNetwork.Address(Number);

    /// <summary>The address of the other end, seen from this neighbour.</summary>
    public string LocalAddress(int number) => OverIpv6 ? BgpNetwork.Address6(number) : BgpNetwork.Address(number);
}

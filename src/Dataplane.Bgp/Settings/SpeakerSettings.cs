using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>What one BGP speaker is and whom it talks to: immutable; a change is a new record that the speaker compares with the old one.</summary>
public sealed record SpeakerSettings
{
    /// <summary>The port of BGP (RFC 4271 §8.2.1).</summary>
    public const ushort WellKnownPort = 179;

    /// <summary>The speaker's autonomous system.</summary>
    public required AsNumber As { get; init; }

    /// <summary>The BGP identifier in host byte order: unique in the AS, not zero (RFC 6286).</summary>
    public required uint RouterId { get; init; }

    /// <summary>Where connections are accepted. Empty: every session is opened from this side.</summary>
    public IReadOnlyList<ListenEndpoint> Listen { get; init; } = [];

    /// <summary>The cluster identifier as a route reflector (RFC 4456 §7); absent: <see cref="RouterId"/>.</summary>
    public uint? ClusterId { get; init; }

    /// <summary>Graceful restart of this speaker and of its peers.</summary>
    public GracefulRestartSettings GracefulRestart { get; init; } = new();

    /// <summary>The peers with addresses of their own, each address at most once.</summary>
    public IReadOnlyList<PeerSettings> Peers { get; init; } = [];

    /// <summary>Where dynamic peers may come from; the longest prefix that holds an address decides.</summary>
    public IReadOnlyList<PeerRangeSettings> Ranges { get; init; } = [];

    /// <summary>What may differ in the choice of the best path.</summary>
    public BestPathSettings BestPath { get; init; } = new();

    /// <summary>Of how many external peers that ask for the same route targets of the same AS the memberships count, the best first (RFC 4684 §3.1).</summary>
    public int ExternalMembershipPaths { get; init; } = 1;

    /// <summary>The route collectors that are told of everything (RFC 7854).</summary>
    public IReadOnlyList<BmpSettings> Bmp { get; init; } = [];

    /// <summary>The dumps (RFC 6396); absent: none are written.</summary>
    public MrtSettings? Mrt { get; init; }

    /// <summary>The directory of what outlives a restart: labels, distinguishers, the restart marker. Absent: nothing does.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>The cluster identifier in force.</summary>
    public uint EffectiveClusterId => ClusterId ?? RouterId;
}

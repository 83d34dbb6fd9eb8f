using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>One BMP station that this speaker connects to (RFC 7854).</summary>
public sealed record BmpSettings
{
    /// <summary>The station's address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>The station's TCP port.</summary>
    public required ushort Port { get; init; }

    /// <summary>Which views are monitored.</summary>
    public BmpViews Views { get; init; } = BmpViews.AdjRibInPre;

    /// <summary>How often statistics are reported; zero: never.</summary>
    public TimeSpan StatisticsInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The first wait before connecting again; it doubles up to <see cref="MaximumRetry"/>.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait before connecting again.</summary>
    public TimeSpan MaximumRetry { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The most octets held for a station that reads slowly; beyond them the session ends and starts over.</summary>
    public int QueueBytes { get; init; } = 64 << 20;

    /// <summary>The name of this router (sysName); absent: the host's name.</summary>
    public string? SystemName { get; init; }
}

/// <summary>The views of the RIB that a BMP station is sent.</summary>
[Flags]
public enum BmpViews : byte
{
    /// <summary>Sessions and statistics only.</summary>
    None = 0,

    /// <summary>What peers sent, before policy (RFC 7854).</summary>
    AdjRibInPre = 1,

    /// <summary>What of it policy accepted.</summary>
    AdjRibInPost = 2,

    /// <summary>What peers are sent, before export policy (RFC 8671).</summary>
    AdjRibOutPre = 4,

    /// <summary>What peers are sent.</summary>
    AdjRibOutPost = 8,

    /// <summary>The best paths (RFC 9069).</summary>
    LocRib = 16,
}

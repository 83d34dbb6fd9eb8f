using Dataplane.Net;

namespace Dataplane.Bgp.Settings;

/// <summary>A range of addresses from which peers may connect without being configured one by one.</summary>
public sealed record PeerRangeSettings
{
    /// <summary>The addresses.</summary>
    public required IpPrefix Range { get; init; }

    /// <summary>
    /// What each of them is given. Its <see cref="PeerSettings.Address"/> and <see cref="PeerSettings.As"/> are not used: the
    /// first is the address that connected, the second the one of its OPEN.
    /// </summary>
    public required PeerSettings Template { get; init; }

    /// <summary>The most peers of the range at a time; connections beyond it are refused.</summary>
    public int MaxPeers { get; init; } = 100;

    /// <summary>The systems that a peer may be of. Empty: only the one of the template.</summary>
    public IReadOnlyList<AsNumberRange> AllowedAs { get; init; } = [];

    /// <summary>How long the state of a peer that went away is kept before it is forgotten, when graceful restart keeps nothing longer.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Autonomous system numbers from one to another, both included.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
public readonly record struct AsNumberRange(AsNumber First, AsNumber Last)
{
    /// <summary>Whether the number is one of them.</summary>
    public bool Contains(AsNumber number) => number.Value >= First.Value && number.Value <= Last.Value;

    /// <summary>One number.</summary>
    public static implicit operator AsNumberRange(AsNumber number) => new(number, number);

    /// <summary>Written as <c>64512-64520</c>, or one number.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

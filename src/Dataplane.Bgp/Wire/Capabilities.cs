using System.Collections.Immutable;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Wire;

/// <summary>What a speaker announces in its OPEN (RFC 5492); see <see cref="CapabilityCodec"/> for the octets.</summary>
public sealed record Capabilities
{
    /// <summary>Nothing announced.</summary>
    public static Capabilities None { get; } = new();

    /// <summary>Multiprotocol extensions (RFC 4760): the families that both we and the announcer know.</summary>
    public FamilySet Families { get; init; }

    /// <summary>Families announced that are not held here.</summary>
    public ImmutableArray<(ushort Afi, byte Safi)> OtherFamilies { get; init; } = [];

    /// <summary>Route refresh (RFC 2918).</summary>
    public bool RouteRefresh { get; init; }

    /// <summary>Enhanced route refresh (RFC 7313).</summary>
    public bool EnhancedRouteRefresh { get; init; }

    /// <summary>Extended messages (RFC 8654).</summary>
    public bool ExtendedMessages { get; init; }

    /// <summary>The four-octet AS number (RFC 6793); null when the capability is not there.</summary>
    public AsNumber? FourOctetAs { get; init; }

    /// <summary>Families of AFI 1 whose next hop may be IPv6 (RFC 8950).</summary>
    public FamilySet ExtendedNextHop { get; init; }

    /// <summary>Families in which the announcer can receive several paths of a destination (RFC 7911).</summary>
    public FamilySet AddPathReceive { get; init; }

    /// <summary>Families in which the announcer can send several paths of a destination.</summary>
    public FamilySet AddPathSend { get; init; }

    /// <summary>Graceful restart (RFC 4724); null when the capability is not there.</summary>
    public GracefulRestartCapability? GracefulRestart { get; init; }

    /// <summary>Long-lived graceful restart (RFC 9494), family by family; counts only beside <see cref="GracefulRestart"/>.</summary>
    public ImmutableArray<LongLivedFamily> LongLived { get; init; } = [];

    /// <summary>Capabilities that are not known here, or known and not well-formed, as they came.</summary>
    public ImmutableArray<UnknownCapability> Unknown { get; init; } = [];

    /// <summary>The families by value and everything else by content.</summary>
    public bool Equals(Capabilities? other) => other is not null
        && (Families, RouteRefresh, EnhancedRouteRefresh, ExtendedMessages, FourOctetAs, ExtendedNextHop, AddPathReceive, AddPathSend)
            == (other.Families, other.RouteRefresh, other.EnhancedRouteRefresh, other.ExtendedMessages, other.FourOctetAs,
                other.ExtendedNextHop, other.AddPathReceive, other.AddPathSend)
        && Equals(GracefulRestart, other.GracefulRestart)
        && OtherFamilies.AsSpan().SequenceEqual(other.OtherFamilies.AsSpan())
        && LongLived.AsSpan().SequenceEqual(other.LongLived.AsSpan())
        && Unknown.AsSpan().SequenceEqual(other.Unknown.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Families, FourOctetAs, AddPathSend, Unknown.Length);
}

/// <summary>Graceful restart (RFC 4724 §3, RFC 8538 §2).</summary>
public sealed record GracefulRestartCapability
{
    /// <summary>R: the announcer has just restarted; do not wait for its End-of-RIB before sending.</summary>
    public bool Restarting { get; init; }

    /// <summary>N: graceful restart also after a NOTIFICATION and an expired hold timer (RFC 8538).</summary>
    public bool Notifications { get; init; }

    /// <summary>Seconds within which the session will be up again, 12 bits.</summary>
    public ushort RestartSeconds { get; init; }

    /// <summary>The families in which the announcer keeps its forwarding state.</summary>
    public FamilySet Families { get; init; }

    /// <summary>F: the families in which forwarding state was kept over the last restart; a subset of <see cref="Families"/>.</summary>
    public FamilySet ForwardingKept { get; init; }
}

/// <summary>Long-lived graceful restart of one family (RFC 9494 §3.1).</summary>
/// <param name="Family">The family.</param>
/// <param name="ForwardingKept">F: forwarding state was kept over the last restart.</param>
/// <param name="StaleSeconds">How long its routes may be kept as long-lived stale ones, 24 bits.</param>
public readonly record struct LongLivedFamily(RouteFamily Family, bool ForwardingKept, uint StaleSeconds);

/// <summary>A capability as it came.</summary>
public sealed class UnknownCapability(CapabilityCode code, ReadOnlyMemory<byte> value) : IEquatable<UnknownCapability>
{
    /// <summary>The code.</summary>
    public CapabilityCode Code { get; } = code;

    /// <summary>The value.</summary>
    public ReadOnlyMemory<byte> Value { get; } = value;

    /// <inheritdoc/>
    public bool Equals(UnknownCapability? other) => other is not null && Code == other.Code && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UnknownCapability);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Value.Length);
}

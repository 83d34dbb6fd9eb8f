using System.Runtime.InteropServices;

namespace Dataplane.Routing.Attributes;

/// <summary>What best path selection, import and export ask of a set of attributes, decoded once when it is interned.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct AttributeSummary
{
    /// <summary>LOCAL_PREF where there is none (RFC 4271 leaves it to configuration; everybody uses this).</summary>
    public const uint DefaultLocalPreference = 100;

    /// <summary>LOCAL_PREF, <see cref="DefaultLocalPreference"/> where there is none.</summary>
    public uint LocalPreference { get; init; }

    /// <summary>The number in the version community (AMB-03), 0 where there is none.</summary>
    public uint Version { get; init; }

    /// <summary>MULTI_EXIT_DISC, 0 where there is none (see <see cref="AttributeTraits.HasMed"/>).</summary>
    public uint Med { get; init; }

    /// <summary>The first AS of the AS_PATH's first AS_SEQUENCE, 0 where the path does not begin with one: whose MED compare.</summary>
    public uint NeighborAs { get; init; }

    /// <summary>The next hop; none where the family has none.</summary>
    public NextHopId NextHop { get; init; }

    /// <summary>The route targets among the extended communities.</summary>
    public RouteTargetSetId RouteTargets { get; init; }

    /// <summary>Length of the AS_PATH as RFC 4271 §9.1.2.2 and RFC 5065 count it: a set is one, confederation segments are nothing.</summary>
    public ushort AsPathLength { get; init; }

    /// <summary>What else is there.</summary>
    public AttributeTraits Traits { get; init; }

    /// <summary>Octets of the block.</summary>
    public ushort OctetCount { get; init; }

    /// <summary>ORIGIN, 2 (INCOMPLETE) where there is none.</summary>
    public byte Origin { get; init; }

    /// <summary>Entries of the CLUSTER_LIST, at most 255.</summary>
    public byte ClusterListLength { get; init; }

    /// <summary>Whether the set has all these traits.</summary>
    public bool Has(AttributeTraits traits) => (Traits & traits) == traits;
}

/// <summary>Presence of attributes and of well-known communities.</summary>
[Flags]
public enum AttributeTraits : ushort
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>MULTI_EXIT_DISC is there.</summary>
    HasMed = 1,

    /// <summary>LOCAL_PREF is there.</summary>
    HasLocalPreference = 1 << 1,

    /// <summary>ORIGINATOR_ID is there.</summary>
    HasOriginatorId = 1 << 2,

    /// <summary>AIGP with a metric is there (RFC 7311).</summary>
    HasAigp = 1 << 3,

    /// <summary>NO_EXPORT (RFC 1997).</summary>
    NoExport = 1 << 4,

    /// <summary>NO_ADVERTISE (RFC 1997).</summary>
    NoAdvertise = 1 << 5,

    /// <summary>NO_EXPORT_SUBCONFED (RFC 1997).</summary>
    NoExportSubconfederation = 1 << 6,

    /// <summary>LLGR_STALE (RFC 9494): least preferred, whatever else it says.</summary>
    LlgrStale = 1 << 7,

    /// <summary>NO_LLGR (RFC 9494).</summary>
    NoLlgr = 1 << 8,

    /// <summary>GRACEFUL_SHUTDOWN (RFC 8326).</summary>
    GracefulShutdown = 1 << 9,

    /// <summary>The next hop has a link-local address beside the global one.</summary>
    HasLinkLocalNextHop = 1 << 10,

    /// <summary>A version is there.</summary>
    HasVersion = 1 << 11,
}

using System.Runtime.InteropServices;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// A destination that was imported into a VRF, or that a VRF exported itself: in the chain of its destination, ascending by VRF, and
/// among the candidates of its VRF route. 20 octets.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct ImportLink : IChainedRow
{
    private const uint RowMask = (1u << 26) - 1;

    private uint _destinationAndFlags;

    /// <summary>The VRF route it is a candidate of.</summary>
    public int Route;

    /// <summary>The next candidate of the route, -1 at the end.</summary>
    public int NextOfRoute;

    /// <summary>The candidate before, -1 at the front.</summary>
    public int PreviousOfRoute;

    /// <summary>The next link of the destination, -1 at the end.</summary>
    public int Next { get; set; }

    /// <summary>The destination.</summary>
    public DestinationId Destination
    {
        readonly get => new((int)(_destinationAndFlags & RowMask));
        set => _destinationAndFlags = _destinationAndFlags & ~RowMask | (uint)value.Value;
    }

    /// <summary>What else there is to say.</summary>
    public LinkFlags Flags
    {
        readonly get => (LinkFlags)(_destinationAndFlags >> 26);
        set => _destinationAndFlags = _destinationAndFlags & RowMask | (uint)value << 26;
    }
}

/// <summary>Flags of an <see cref="ImportLink"/>.</summary>
[Flags]
internal enum LinkFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>
    /// The VRF does not import the destination's best path, but has exported a path of its own to it: that one is the candidate.
    /// </summary>
    Own = 1,

    /// <summary>One of the route's next hops, as listeners know it.</summary>
    Member = 2,

    /// <summary>Its path is another, or has other attributes, than when the route was selected.</summary>
    Changed = 4,

    /// <summary>The import policy gave it attributes of its own.</summary>
    Rewritten = 8,

    /// <summary>Will be <see cref="Member"/>: within a selection only.</summary>
    Chosen = 16,
}

/// <summary>A route of a VRF: 16 octets and its key, 24 for IPv4.</summary>
/// <typeparam name="TKey">The key.</typeparam>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VrfRouteRow<TKey> : IChainedRow
    where TKey : unmanaged, IVrfRouteKey<TKey>
{
    /// <summary>VRF and prefix.</summary>
    public TKey Key;

    /// <summary>The first candidate, -1 when there is none; once selected, the best, and behind it the other next hops.</summary>
    public int First;

    /// <summary>The route before in the VRF, -1 at the front.</summary>
    public int PreviousOfVrf;

    /// <summary>How many of the candidates are next hops, as listeners know the route; 0: they do not know it.</summary>
    public ushort Members;

    /// <summary>What is to be done.</summary>
    public RouteFlags Flags;

    /// <summary>The next route of the VRF, -1 at the end.</summary>
    public int Next { get; set; }
}

/// <summary>Flags of a <see cref="VrfRouteRow{TKey}"/>.</summary>
[Flags]
internal enum RouteFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Waits to be selected.</summary>
    Queued = 1,

    /// <summary>A next hop that listeners know has gone.</summary>
    MemberLost = 2,

    /// <summary>Is selected once the destinations of its candidates are settled.</summary>
    Deferred = 4,
}

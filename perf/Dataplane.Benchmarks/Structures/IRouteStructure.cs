namespace Dataplane.Benchmarks.Structures;

/// <summary>
/// One way to hold the IPv4 routes of many VRFs, for the comparison in ADR-0002. Single-threaded: what concurrency costs is
/// measured on the one that was chosen. Addresses in host order; a leaf is a 64-bit word other than 0.
/// </summary>
internal unsafe interface IRouteStructure : IDisposable
{
    string Name { get; }

    /// <summary>Bytes of memory taken.</summary>
    long Bytes { get; }

    /// <summary>Adds or replaces a route. Shorter prefixes are added before host routes, in ascending order of length.</summary>
    void Set(uint vrf, uint address, int length, ulong leaf);

    /// <summary>Removes a host route that is there.</summary>
    void RemoveHost(uint vrf, uint address);

    /// <summary>Looks up <paramref name="count"/> (at most 64) keys as <c>RouteTable.Key4</c> makes them; 0 where there is none.</summary>
    void Lookup(ulong* keys, ulong* leaves, int count);
}

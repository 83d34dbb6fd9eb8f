using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// A neighbour's key: the link it is on and its address.
/// </summary>
/// <param name="Link">Index of the virtual interface or core port; each table has one kind.</param>
/// <param name="Address">The neighbour's address.</param>
internal readonly record struct NeighborKey(uint Link, IpAddress Address);

/// <summary>What the neighbour state machine does to the world; one implementation per kind of link.</summary>
internal interface INeighborLink
{
    /// <summary>Asks for the neighbour: everybody, or only the station that had the address before.</summary>
    void SendProbe(NeighborKey key, MacAddress? knownMac);

    /// <summary>Tells the datapath the neighbour's MAC.</summary>
    void Publish(NeighborKey key, MacAddress mac);

    /// <summary>Makes the neighbour unresolved in the datapath.</summary>
    void Withdraw(NeighborKey key);
}

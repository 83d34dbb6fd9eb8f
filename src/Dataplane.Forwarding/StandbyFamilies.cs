namespace Dataplane.Forwarding;

/// <summary>
/// The address families for which another forwarder serves an access port's hosts (EXT-10): frames from them are dropped there,
/// and what is delivered to them does not bear the virtual MAC.
/// </summary>
[Flags]
public enum StandbyFamilies : byte
{
    /// <summary>We serve both.</summary>
    None = 0,

    /// <summary>IPv4 and ARP.</summary>
    Ipv4 = 1,

    /// <summary>IPv6 with neighbour discovery.</summary>
    Ipv6 = 2,
}

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>The address families that some peer of the laboratory speaks.</summary>
public enum Family
{
    Ipv4,
    Ipv6,
    Vpn4,
    Vpn6,
    Flow4,
    Flow6,
    VpnFlow4,
    VpnFlow6,
    RouteTarget,
}

/// <summary>What the registries and the peers call a family.</summary>
public static class FamilyNames
{
    /// <summary>Address family identifier and subsequent one, as on the wire.</summary>
    public static (ushort Afi, byte Safi) Wire(this Family family) => family switch
    {
        Family.Ipv4 => (1, 1),
        Family.Ipv6 => (2, 1),
        Family.Vpn4 => (1, 128),
        Family.Vpn6 => (2, 128),
        Family.Flow4 => (1, 133),
        Family.Flow6 => (2, 133),
        Family.VpnFlow4 => (1, 134),
        Family.VpnFlow6 => (2, 134),
        Family.RouteTarget => (1, 132),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "no such family"),
    };

    /// <summary>The name in our own configuration.</summary>
    public static string InOurs(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4-unicast",
        Family.Ipv6 => "ipv6-unicast",
        Family.Vpn4 => "vpn-ipv4",
        Family.Vpn6 => "vpn-ipv6",
        Family.Flow4 => "ipv4-flowspec",
        Family.Flow6 => "ipv6-flowspec",
        Family.VpnFlow4 => "vpn-ipv4-flowspec",
        Family.VpnFlow6 => "vpn-ipv6-flowspec",
        Family.RouteTarget => "rt-constraint",
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "no such family"),
    };

    public static string InFrr(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4 unicast",
        Family.Ipv6 => "ipv6 unicast",
        Family.Vpn4 => "ipv4 vpn",
        Family.Vpn6 => "ipv6 vpn",
        Family.Flow4 => "ipv4 flowspec",
        Family.Flow6 => "ipv6 flowspec",
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "FRR has no such family"),
    };

    /// <summary>The name in GoBGP's configuration.</summary>
    public static string InGoBgp(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4-unicast",
        Family.Ipv6 => "ipv6-unicast",
        Family.Vpn4 => "l3vpn-ipv4-unicast",
        Family.Vpn6 => "l3vpn-ipv6-unicast",
        Family.Flow4 => "ipv4-flowspec",
        Family.Flow6 => "ipv6-flowspec",
        Family.VpnFlow4 => "l3vpn-ipv4-flowspec",
        Family.VpnFlow6 => "l3vpn-ipv6-flowspec",
        Family.RouteTarget => "rtc",
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "no such family"),
    };

    /// <summary>The name in GoBGP's command line, where it differs.</summary>
    public static string InGoBgpCommand(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4",
        Family.Ipv6 => "ipv6",
        Family.Vpn4 => "vpnv4",
        Family.Vpn6 => "vpnv6",
        Family.VpnFlow4 => "ipv4-l3vpn-flowspec",
        Family.VpnFlow6 => "ipv6-l3vpn-flowspec",
        _ => family.InGoBgp(),
    };

    public static string InExaBgp(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4 unicast",
        Family.Ipv6 => "ipv6 unicast",
        Family.Vpn4 => "ipv4 mpls-vpn",
        Family.Vpn6 => "ipv6 mpls-vpn",
        Family.Flow4 => "ipv4 flow",
        Family.Flow6 => "ipv6 flow",
        Family.VpnFlow4 => "ipv4 flow-vpn",
        Family.VpnFlow6 => "ipv6 flow-vpn",
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "ExaBGP has no such family"),
    };

    /// <summary>The channel in BIRD's configuration.</summary>
    public static string InBird(this Family family) => family switch
    {
        Family.Ipv4 => "ipv4",
        Family.Ipv6 => "ipv6",
        Family.Vpn4 => "vpn4",
        Family.Vpn6 => "vpn6",
        Family.Flow4 => "flow4",
        Family.Flow6 => "flow6",
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "BIRD has no such family"),
    };
}

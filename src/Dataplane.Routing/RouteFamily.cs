using Dataplane.Net;

namespace Dataplane.Routing;

/// <summary>The address families whose routes are held, in the order of their tables.</summary>
public enum RouteFamily : byte
{
    /// <summary>IPv4 unicast (AFI 1, SAFI 1).</summary>
    Ipv4Unicast,

    /// <summary>IPv6 unicast (2, 1).</summary>
    Ipv6Unicast,

    /// <summary>VPN-IPv4 (1, 128; RFC 4364).</summary>
    VpnIpv4,

    /// <summary>VPN-IPv6 (2, 128; RFC 4659).</summary>
    VpnIpv6,

    /// <summary>Route target membership (1, 132; RFC 4684).</summary>
    RouteTargetConstraint,

    /// <summary>IPv4 flow specification (1, 133; RFC 8955).</summary>
    Ipv4FlowSpec,

    /// <summary>IPv6 flow specification (2, 133; RFC 8956).</summary>
    Ipv6FlowSpec,

    /// <summary>VPN IPv4 flow specification (1, 134; RFC 8955 §8).</summary>
    VpnIpv4FlowSpec,

    /// <summary>VPN IPv6 flow specification (2, 134; RFC 8956).</summary>
    VpnIpv6FlowSpec,
}

/// <summary>Numbers and properties of <see cref="RouteFamily"/>.</summary>
public static class RouteFamilies
{
    /// <summary>How many families there are.</summary>
    public const int Count = 9;

    private static readonly (ushort Afi, byte Safi, string Name)[] Rows =
    [
        (1, 1, "ipv4-unicast"), (2, 1, "ipv6-unicast"), (1, 128, "vpn-ipv4"), (2, 128, "vpn-ipv6"),
        (1, 132, "rt-constraint"), (1, 133, "ipv4-flowspec"), (2, 133, "ipv6-flowspec"),
        (1, 134, "vpn-ipv4-flowspec"), (2, 134, "vpn-ipv6-flowspec"),
    ];

    /// <summary>All families in the order of the enumeration.</summary>
    public static IReadOnlyList<RouteFamily> All { get; } = Enum.GetValues<RouteFamily>();

    extension(RouteFamily family)
    {
        /// <summary>The address family identifier (IANA).</summary>
        public ushort Afi => Rows[(int)family].Afi;

        /// <summary>The subsequent address family identifier (IANA).</summary>
        public byte Safi => Rows[(int)family].Safi;

        /// <summary>The name in configuration, command line and metrics: <c>vpn-ipv4</c>.</summary>
        public string Name => Rows[(int)family].Name;

        /// <summary>The address family of its prefixes, by its AFI.</summary>
        public AddressFamily AddressFamily => family.Afi == 2 ? AddressFamily.Ipv6 : AddressFamily.Ipv4;

        /// <summary>Whether its NLRI have a route distinguisher.</summary>
        public bool HasRouteDistinguisher => family.Safi is 128 or 134;

        /// <summary>Whether its NLRI have a label.</summary>
        public bool IsLabeled => family.Safi == 128;

        /// <summary>Whether its NLRI are flow specifications.</summary>
        public bool IsFlowSpec => family.Safi is 133 or 134;

        /// <summary>Whether it is one of the VPN families, whose routes go into VRFs by route target.</summary>
        public bool IsVpn => family.Safi is 128 or 134;
    }

    /// <summary>The family of a pair of identifiers.</summary>
    /// <returns>False when routes of that family are not held here.</returns>
    public static bool TryGet(ushort afi, byte safi, out RouteFamily family)
    {
        for (var i = 0; i < Rows.Length; i++)
        {
            if (Rows[i].Afi == afi && Rows[i].Safi == safi)
            {
                family = (RouteFamily)i;
                return true;
            }
        }

        family = default;
        return false;
    }

    /// <summary>The family of a name.</summary>
    public static bool TryParse(string? name, out RouteFamily family)
    {
        var index = Array.FindIndex(Rows, row => row.Name == name);
        family = (RouteFamily)Math.Max(index, 0);
        return index >= 0;
    }
}

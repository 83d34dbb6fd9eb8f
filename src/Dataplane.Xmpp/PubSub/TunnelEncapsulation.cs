using Dataplane.Net;

namespace Dataplane.Xmpp.PubSub;

/// <summary>How a next hop wants its packets (AMB-43); several are alternatives. None leaves it to the default, MPLS in GRE.</summary>
[Flags]
public enum TunnelEncapsulations : byte
{
    /// <summary>Nothing said.</summary>
    None = 0,

    /// <summary>MPLS in GRE (RFC 4023); <c>gre</c>.</summary>
    Gre = 1,

    /// <summary>MPLS in UDP (RFC 7510); <c>udp</c>.</summary>
    Udp = 2,

    /// <summary>VXLAN; <c>vxlan</c>.</summary>
    Vxlan = 4,
}

/// <summary>Names on XMPP streams and BGP encapsulation communities (RFC 9012 §4.1) of encapsulations.</summary>
public static class TunnelEncapsulationNames
{
    private const ulong Community = 0x030C_0000_0000_0000;

    private static readonly (TunnelEncapsulations Value, string Name, ushort TunnelType)[] Known =
    [
        (TunnelEncapsulations.Gre, "gre", 11),
        (TunnelEncapsulations.Udp, "udp", 13),
        (TunnelEncapsulations.Vxlan, "vxlan", 8),
    ];

    /// <summary>The encapsulation of a name; none for a name that is not known.</summary>
    public static TunnelEncapsulations Parse(ReadOnlySpan<char> name)
    {
        name = name.Trim();
        return name is "mpls-in-gre" ? TunnelEncapsulations.Gre
            : name is "mpls-in-udp" ? TunnelEncapsulations.Udp
            : name is "gre" ? TunnelEncapsulations.Gre
            : name is "udp" ? TunnelEncapsulations.Udp
            : name is "vxlan" ? TunnelEncapsulations.Vxlan
            : TunnelEncapsulations.None;
    }

    /// <summary>The names.</summary>
    public static IEnumerable<string> NamesOf(TunnelEncapsulations encapsulations) =>
        Known.Where(known => (encapsulations & known.Value) != 0).Select(static known => known.Name);

    /// <summary>The communities that say so in BGP.</summary>
    public static IReadOnlyList<ExtendedCommunity> CommunitiesOf(TunnelEncapsulations encapsulations) =>
        [.. Known.Where(known => (encapsulations & known.Value) != 0).Select(static known => new ExtendedCommunity(Community | known.TunnelType))];

    /// <summary>What a community says; none when it is not of this kind. Tunnel type 2 is plain GRE, which with a label is MPLS in GRE.</summary>
    public static TunnelEncapsulations Of(ExtendedCommunity community) => community.Value >> 48 != Community >> 48 ? TunnelEncapsulations.None
        : (ushort)community.Value switch
        {
            2 or 11 => TunnelEncapsulations.Gre,
            13 => TunnelEncapsulations.Udp,
            8 => TunnelEncapsulations.Vxlan,
            _ => TunnelEncapsulations.None,
        };
}

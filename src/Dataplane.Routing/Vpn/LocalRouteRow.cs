using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>A local route of a VRF, as it was published: 56 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct LocalRouteRow : IChainedRow
{
    /// <summary>The distinguisher it is exported under.</summary>
    public RouteDistinguisher Distinguisher;

    /// <summary>The prefix's first half, as in an NLRI.</summary>
    public ulong High;

    /// <summary>The prefix's second half.</summary>
    public ulong Low;

    /// <summary>The VRF.</summary>
    public int Vrf;

    /// <summary>The route before in the VRF, -1 at the front.</summary>
    public int Previous;

    /// <summary>Attributes without what the VRF adds; one reference.</summary>
    public AttributeSetId Attributes;

    /// <summary>The publisher.</summary>
    public PublisherId Publisher;

    /// <summary>The label.</summary>
    public Label20 Label;

    /// <summary>Its source.</summary>
    public SourceId Source;

    /// <summary>Bits of the prefix.</summary>
    public byte Length;

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family;

    /// <summary>Whether the distinguisher is the publisher's own.</summary>
    public bool HasOwnDistinguisher;

    /// <summary>Whether the VRF has it by route target only.</summary>
    public bool IsByTarget;

    /// <summary>Whether it is exported to nobody.</summary>
    public bool IsWithheld;

    /// <summary>The next route of the VRF, -1 at the end.</summary>
    public int Next { get; set; }

    /// <summary>The VPN family it is exported in.</summary>
    public readonly RouteFamily VpnFamily => Family == AddressFamily.Ipv6 ? RouteFamily.VpnIpv6 : RouteFamily.VpnIpv4;

    /// <summary>The NLRI it is exported as.</summary>
    public readonly Nlri Nlri => new(Distinguisher, High, Low, Length);

    /// <summary>The prefix.</summary>
    public readonly IpPrefix Prefix => Nlri.Prefix(VpnFamily);
}

/// <summary>What a local route is found by.</summary>
internal readonly record struct LocalRouteKey(int Vrf, IpPrefix Prefix, PublisherId Publisher)
{
    /// <summary>The hash, seeded.</summary>
    public uint Hash
    {
        get
        {
            Nlri nlri = Nlri.Of(Prefix);
            return KeyHash.Of(
                nlri.High, nlri.Low, (ulong)Vrf << 32 | Publisher.Value, (ulong)nlri.Length << 1 | (Prefix.Address.IsV6 ? 1UL : 0));
        }
    }
}

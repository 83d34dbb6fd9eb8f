using Dataplane.Net;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Vpn;

/// <summary>What the VRFs of a speaker have in common.</summary>
public sealed record VrfTableOptions
{
    /// <summary>Our AS; what policies are told.</summary>
    public AsNumber As { get; init; }

    /// <summary>Our BGP identifier; what selection compares of local routes.</summary>
    public uint RouterId { get; init; }

    /// <summary>Our IPv4 infrastructure address: next hop of local routes.</summary>
    public Ipv4Address? NextHop { get; init; }

    /// <summary>Our IPv6 infrastructure address.</summary>
    public Ipv6Address? NextHop6 { get; init; }

    /// <summary>What allocated distinguishers begin with; null takes <see cref="NextHop"/>, or else the router id (AMB-19).</summary>
    public Ipv4Address? DistinguisherAddress { get; init; }

    /// <summary>Lowest label to allocate.</summary>
    public uint FirstLabel { get; init; } = Label20.Min;

    /// <summary>Highest label to allocate.</summary>
    public uint LastLabel { get; init; } = Label20.Max;

    /// <summary>File that keeps allocated numbers over restarts; null keeps none.</summary>
    public string? NumberFile { get; init; }

    internal Ipv4Address Administrator => DistinguisherAddress ?? NextHop ?? new Ipv4Address(RouterId);

    internal PolicyContext Context => new(As, As, default, NextHopFor(AddressFamily.Ipv4));

    /// <summary>
    /// Our next hop for routes of a family: of IPv4 routes the IPv4 address if there is one, of IPv6 routes the IPv6 address, or else the IPv4
    /// one mapped (RFC 4659 §3.2.1.2). 0.0.0.0 when there is no address at all.
    /// </summary>
    internal IpAddress NextHopFor(AddressFamily family)
    {
        if (family == AddressFamily.Ipv6)
        {
            return NextHop6 is { } v6 ? v6
                : NextHop is { } mapped ? new Ipv6Address(0, 0xFFFF_0000_0000UL | mapped.Value)
                : default(IpAddress);
        }

        return NextHop is { } v4 ? v4 : NextHop6 is { } only ? only : default(IpAddress);
    }
}

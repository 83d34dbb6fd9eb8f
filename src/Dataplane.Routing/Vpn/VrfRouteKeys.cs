using System.Runtime.InteropServices;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>What a VRF route is found by: the VRF, and the NLRI without its distinguisher, as few octets as the family needs.</summary>
/// <typeparam name="TSelf">The key.</typeparam>
internal interface IVrfRouteKey<TSelf> : IEquatable<TSelf>
    where TSelf : unmanaged, IVrfRouteKey<TSelf>
{
    /// <summary>The VRF.</summary>
    VrfIndex Vrf { get; }

    /// <summary>The hash of the key, seeded.</summary>
    uint Hash { get; }

    /// <summary>The NLRI, without distinguisher.</summary>
    Nlri Nlri { get; }

    /// <summary>The key of an NLRI in a VRF; its distinguisher does not matter.</summary>
    static abstract TSelf Of(VrfIndex vrf, in Nlri nlri);
}

/// <summary>An IPv4 prefix in a VRF: 8 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Ipv4VrfKey(uint VrfAndLength, uint Address) : IVrfRouteKey<Ipv4VrfKey>
{
    public VrfIndex Vrf => new((int)(VrfAndLength >> 8));

    public uint Hash => KeyHash.Of(VrfAndLength, Address);

    public Nlri Nlri => new(default, 0, Address, (byte)VrfAndLength);

    public static Ipv4VrfKey Of(VrfIndex vrf, in Nlri nlri) => new((uint)vrf.Value << 8 | nlri.Length, (uint)nlri.Low);
}

/// <summary>An IPv6 prefix in a VRF: 20 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct Ipv6VrfKey(uint VrfAndLength, ulong High, ulong Low) : IVrfRouteKey<Ipv6VrfKey>
{
    public VrfIndex Vrf => new((int)(VrfAndLength >> 8));

    public uint Hash => KeyHash.Of(VrfAndLength, High, Low);

    public Nlri Nlri => new(default, High, Low, (byte)VrfAndLength);

    public static Ipv6VrfKey Of(VrfIndex vrf, in Nlri nlri) => new((uint)vrf.Value << 8 | nlri.Length, nlri.High, nlri.Low);
}

/// <summary>A flow specification in a VRF, by the number that the store of rules gave it: 8 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct FlowVrfKey(uint VrfRow, uint Rule) : IVrfRouteKey<FlowVrfKey>
{
    public VrfIndex Vrf => new((int)VrfRow);

    public uint Hash => KeyHash.Of(VrfRow, Rule);

    public Nlri Nlri => new(default, 0, Rule, 0);

    public static FlowVrfKey Of(VrfIndex vrf, in Nlri nlri) => new((uint)vrf.Value, (uint)nlri.Low);
}

using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Layout;

/// <summary>A legitimate IPv4 source of an interface, in wire order as a little-endian load sees it (SEC-02).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SourcePrefix4
{
    /// <summary>Address bits under the mask.</summary>
    internal uint AddressWire;

    /// <summary>Mask.</summary>
    internal uint MaskWire;
}

/// <summary>A legitimate IPv6 source of an interface, in wire order as little-endian loads see it (SEC-02).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SourcePrefix6
{
    /// <summary>First eight octets under the mask.</summary>
    internal ulong AddressWire0;

    /// <summary>Last eight octets under the mask.</summary>
    internal ulong AddressWire1;

    /// <summary>Mask of the first eight octets.</summary>
    internal ulong MaskWire0;

    /// <summary>Mask of the last eight octets.</summary>
    internal ulong MaskWire1;
}

using System.Runtime.InteropServices;
using Dataplane.Forwarding.Tables;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// One VRF's lookup roots. The access view holds what the signaling gateway supplied (with FWD-10's condition on local
/// routes); the local table holds the routes of local interfaces, which only traffic from the core may use at once.
/// Host routes are in the shared exact tables under the ids below; each word here leads to the shorter prefixes, as
/// <see cref="PrefixList"/> says. Writer: control thread, one aligned word at a time. Readers: workers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct VrfRow
{
    /// <summary>IPv4 prefixes of the access view.</summary>
    [FieldOffset(0)]
    internal ulong Access4;

    /// <summary>IPv6 prefixes of the access view.</summary>
    [FieldOffset(8)]
    internal ulong Access6;

    /// <summary>IPv4 prefixes of local routes.</summary>
    [FieldOffset(16)]
    internal ulong Local4;

    /// <summary>IPv6 prefixes of local routes.</summary>
    [FieldOffset(24)]
    internal ulong Local6;

    /// <summary>What the VRF is called while it exists, as in <see cref="VrfId"/>; <see cref="RowLife.Gone"/> once it was removed.</summary>
    [FieldOffset(32)]
    internal uint Id;

    /// <summary>The <see cref="FilterTable"/> of IPv4 packets that enter from interfaces; 0 for none.</summary>
    [FieldOffset(40)]
    internal nint Filters4;

    /// <summary>The same of IPv6 packets.</summary>
    [FieldOffset(48)]
    internal nint Filters6;

    /// <summary>Space of the access view's host routes in the exact tables.</summary>
    internal static uint AccessSpace(uint vrf) => vrf * 2 + 1;

    /// <summary>Space of the local host routes in the exact tables.</summary>
    internal static uint LocalSpace(uint vrf) => vrf * 2 + 2;
}

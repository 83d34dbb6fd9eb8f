using System.Runtime.CompilerServices;
using Dataplane.Forwarding.Control;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// Flow hash that is the same for both directions of a flow (FWD-20, CHN-25) and on every forwarder: a port is mixed into
/// its own address, the two ends are added, and the sum is mixed with the protocol. What belongs to a flow,
/// <see cref="FlowTuple"/> says. This is the specification; <see cref="OfBurst"/> is the same for a burst at once.
/// Words are what little-endian loads see.
/// </summary>
internal static unsafe partial class FlowHash
{
    private const uint AddressFactor = 0x21F0AAAD;
    private const uint PortFactor = 0x9E3779B1;
    private const uint EndFactor = 0xD35A2D97;
    private const uint SumFactor = 0x7FEB352D;
    private const uint LastFactor = 0x846CA68B;
    private const uint Key0 = 0x243F6A88;
    private const uint Key1 = 0x85A308D3;
    private const uint Key2 = 0x13198A2E;
    private const uint Key3 = 0x03707344;

    /// <summary>Hash of an IPv4 packet of <paramref name="length"/> bytes with a checked header.</summary>
    internal static uint Of4(byte* ip, uint length) => Of(FlowTuple.Of4(ip, length));

    /// <summary>Hash of an IPv6 packet of <paramref name="length"/> bytes with a checked header.</summary>
    internal static uint Of6(byte* ip, uint length) => Of(FlowTuple.Of6(ip, length));

    /// <summary>Hash of a flow.</summary>
    internal static uint Of(FlowTuple flow)
    {
        uint sum = (End(flow.Source, flow.Ports & 0xFFFF) + End(flow.Destination, flow.Ports >> 16)) ^ flow.Protocol;
        return Last(sum);
    }

    /// <summary>Hash of the destination prefix: what its packets have in common, wherever they come from.</summary>
    /// <param name="ip">A checked header.</param>
    /// <param name="v6">Its family.</param>
    /// <param name="prefixLength">Length of the prefix.</param>
    internal static uint OfPrefix(byte* ip, bool v6, uint prefixLength)
    {
        if (!v6)
            return Last(End(*(uint*)(ip + 16) & WireOrder.Mask4((int)prefixLength), prefixLength));
        (ulong mask0, ulong mask1) = WireOrder.Mask6((int)prefixLength);
        ulong* masked = stackalloc ulong[2];
        masked[0] = *(ulong*)(ip + 24) & mask0;
        masked[1] = *(ulong*)(ip + 32) & mask1;
        return Last(End(Fold((byte*)masked), prefixLength));
    }

    /// <summary>An IPv6 address in 32 bits: sums of keyed products (NH, the universal hash of UMAC, RFC 4418).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Fold(byte* address)
    {
        var words = (uint*)address;
        ulong sum = (ulong)(words[0] + Key0) * (words[1] + Key1) + (ulong)(words[2] + Key2) * (words[3] + Key3);
        return (uint)sum ^ (uint)(sum >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint End(uint address, uint port)
    {
        uint x = (address ^ address >> 16) * AddressFactor;
        x = (x ^ x >> 15 ^ port * PortFactor) * EndFactor;
        return x ^ x >> 15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Last(uint sum)
    {
        uint x = (sum ^ sum >> 16) * SumFactor;
        x = (x ^ x >> 15) * LastFactor;
        return x ^ x >> 16;
    }
}

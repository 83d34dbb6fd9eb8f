using System.Buffers.Binary;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Traffic;

/// <summary>
/// VPN-IPv4 routes that are known by number: route i has the address 10.0.0.0 + i, the distinguisher 65000:(1 + v) and the route
/// target 65000:(1 + v), where v is the VPN of its attribute set. Sets take the VPNs in turn and differ in their MED.
/// </summary>
/// <param name="First">Number of the first route.</param>
/// <param name="Count">How many.</param>
/// <param name="PerAttributeSet">Routes that share their attributes; so many fit into one UPDATE at least.</param>
/// <param name="Vpns">How many VPNs there are.</param>
/// <param name="NextHop">The next hop of all.</param>
internal sealed record RouteSet(int First, int Count, int PerAttributeSet, int Vpns, string NextHop)
{
    /// <summary>Routes are numbered by the low 24 bits of their address.</summary>
    internal const int MostRoutes = 1 << 24;

    private const int NlriLength = 16;

    internal int VpnOf(int route) => route / PerAttributeSet % Vpns;

    /// <summary>One label per attribute set: BIRD takes the label for an attribute and would put each route into an UPDATE of its own.</summary>
    internal uint LabelOf(int route) => 16 + (uint)(route / PerAttributeSet % 1_000_000);

    /// <summary>The address of a route.</summary>
    internal static uint AddressOf(int route) => 0x0A000000u | (uint)route;

    /// <summary>The address of a route, in the usual notation.</summary>
    internal static string TextOf(int route) => $"10.{route >> 16}.{(route >> 8) & 0xFF}.{route & 0xFF}";

    /// <summary>All UPDATE messages, one attribute set each, in order of the numbers; without End-of-RIB.</summary>
    internal byte[] Encode()
    {
        var nextHop = BgpBytes.VpnNextHop(NextHop);
        var octets = new byte[checked((long)Count * NlriLength + (long)((Count + PerAttributeSet - 1) / PerAttributeSet) * 96)];
        int at = 0;
        for (int route = First; route < First + Count; route += PerAttributeSet)
            at += EncodeOne(octets.AsSpan(at), route, Math.Min(PerAttributeSet, First + Count - route), nextHop);
        return octets[..at];
    }

    private int EncodeOne(Span<byte> message, int route, int count, byte[] nextHop)
    {
        int vpn = VpnOf(route);
        message[..16].Fill(0xFF);
        message[18] = BgpBytes.Update;
        message[19..21].Clear();
        int at = 23;
        Put(message, ref at, [0x40, 1, 1, 0, 0x40, 2, 0, 0x80, 4, 4]);
        BinaryPrimitives.WriteUInt32BigEndian(message[at..], (uint)(route / PerAttributeSet));
        at += 4;
        Put(message, ref at, [0x40, 5, 4, 0, 0, 0, 100, 0xC0, 16, 8, 0, 2, 0xFD, 0xE8]);
        BinaryPrimitives.WriteUInt32BigEndian(message[at..], (uint)(1 + vpn));
        at += 4;
        Put(message, ref at, [0x90, 14]);
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], (ushort)(5 + nextHop.Length + count * NlriLength));
        at += 2;
        Put(message, ref at, [0, 1, 128, (byte)nextHop.Length, .. nextHop, 0]);
        uint label = LabelOf(route);
        for (int i = 0; i < count; i++)
        {
            Put(message, ref at, [120, 0, 0, 0, 0, 0, 0xFD, 0xE8]);
            message[at - 7] = (byte)(label >> 12);
            message[at - 6] = (byte)(label >> 4);
            message[at - 5] = (byte)((label << 4) | 1);
            BinaryPrimitives.WriteUInt32BigEndian(message[at..], (uint)(1 + vpn));
            BinaryPrimitives.WriteUInt32BigEndian(message[(at + 4)..], AddressOf(route + i));
            at += 8;
        }
        BinaryPrimitives.WriteUInt16BigEndian(message[16..], (ushort)at);
        BinaryPrimitives.WriteUInt16BigEndian(message[21..], (ushort)(at - 23));
        return at;
    }

    private static void Put(Span<byte> message, ref int at, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(message[at..]);
        at += octets.Length;
    }
}

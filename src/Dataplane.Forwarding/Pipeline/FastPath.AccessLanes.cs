using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>The checks of access input for eight packets at a time, when all are plain and of one family.</content>
internal static unsafe partial class FastPath
{
    private const ulong EightPlain = PacketFlags.Plain * 0x0101_0101_0101_0101ul;
    private const ulong EightPlain6 = (PacketFlags.Plain | PacketFlags.V6) * 0x0101_0101_0101_0101ul;

    // Checks packets at to at + 7 and moves them to the given place in the columns; false, with nothing done, when any is not plain IPv4.
    private static bool CheckLanes(Batch* batch, nint at, nint to, PacketCount* interfaceRx)
    {
        ulong* headers = batch->Headers + at;
        ulong* rows = batch->Rows + at;
        Vector256<byte> unlike = Unlike(headers[0], rows[0]) | Unlike(headers[1], rows[1]) | Unlike(headers[2], rows[2])
            | Unlike(headers[3], rows[3]) | Unlike(headers[4], rows[4]) | Unlike(headers[5], rows[5])
            | Unlike(headers[6], rows[6]) | Unlike(headers[7], rows[7]);
        var lanes = new HeaderLanes(headers, 0);
        Vector256<uint> lengths = lanes.Lengths;
        Vector256<int> available = Avx2.ConvertToVector256Int32(batch->Lengths + at);
        if ((lanes.Unusual(lengths, available) | unlike.AsUInt32()) != Vector256<uint>.Zero)
            return false;

        lanes.DecrementedTtlWords.Store(batch->TtlWords + to);
        Vector128.Narrow(lengths.GetLower(), lengths.GetUpper()).Store(batch->Lengths + to);
        *(ulong*)(batch->Flags + to) = EightPlain;
        batch->Seen |= PacketFlags.Plain;
        batch->Common &= PacketFlags.Plain;
        if (batch->Hashed != 0)
            batch->Hashed = HashLanes(in lanes, headers, lengths, batch->Hashes + to);
        if (to != at)
            MoveLanes(batch, at, to);
        for (nint i = to; i < to + HeaderLanes.Count; i++)
        {
            var row = (InterfaceRow*)batch->Rows[i];
            batch->Keys[i] = row->AccessKey | *(uint*)(batch->Headers[i] + 16);
            batch->Vrfs[i] = row->Vrf;
            interfaceRx[row->Index].Add(batch->Lengths[i]);
        }
        return true;
    }

    // The same for IPv6. Flow hashes are left to their stage.
    private static bool CheckLanes6(Batch* batch, nint at, nint to, PacketCount* interfaceRx)
    {
        ulong* headers = batch->Headers + at;
        ulong* rows = batch->Rows + at;
        Vector256<int> available = Avx2.ConvertToVector256Int32(batch->Lengths + at);
        if (Vector256.LessThanAny(available, Vector256.Create(HeaderSize.Ipv6)))
            return false;
        Vector256<byte> unlike = Unlike6(headers[0], rows[0]) | Unlike6(headers[1], rows[1]) | Unlike6(headers[2], rows[2])
            | Unlike6(headers[3], rows[3]) | Unlike6(headers[4], rows[4]) | Unlike6(headers[5], rows[5])
            | Unlike6(headers[6], rows[6]) | Unlike6(headers[7], rows[7]);
        ulong otherSource = OtherSource6(headers[0], rows[0]) | OtherSource6(headers[1], rows[1]) | OtherSource6(headers[2], rows[2])
            | OtherSource6(headers[3], rows[3]) | OtherSource6(headers[4], rows[4]) | OtherSource6(headers[5], rows[5])
            | OtherSource6(headers[6], rows[6]) | OtherSource6(headers[7], rows[7]);
        var lanes = new HeaderLanes6(headers, 0);
        Vector256<uint> lengths = lanes.Lengths;
        if (otherSource != 0 || (lanes.Unusual(lengths, available) | unlike.AsUInt32()) != Vector256<uint>.Zero)
            return false;

        Vector128.Narrow(lengths.GetLower(), lengths.GetUpper()).Store(batch->Lengths + to);
        *(ulong*)(batch->Flags + to) = EightPlain6;
        batch->Seen |= PacketFlags.Plain | PacketFlags.V6;
        batch->Common &= PacketFlags.Plain | PacketFlags.V6;
        batch->Hashed = 0;
        if (to != at)
            MoveLanes(batch, at, to);
        for (nint i = to; i < to + HeaderLanes.Count; i++)
        {
            var row = (InterfaceRow*)batch->Rows[i];
            batch->Vrfs[i] = row->Vrf;
            interfaceRx[row->Index].Add(batch->Lengths[i]);
        }
        return true;
    }

    // Flow hashes, while the headers are in registers; 0 when a packet has no ports and all are left to the next stage.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte HashLanes(in HeaderLanes lanes, ulong* headers, Vector256<uint> lengths, uint* hashes)
    {
        if (lanes.WithoutPorts(lengths) != Vector256<uint>.Zero)
            return 0;
        FlowHash.Mix(lanes.Source, lanes.Destination, HeaderLanes.Words(headers, HeaderSize.Ipv4), lanes.Protocols).Store(hashes);
        return 1;
    }

    // What differs between a frame and the pattern of its interface.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Unlike(ulong header, ulong interfaceRow)
    {
        var row = (InterfaceRow*)interfaceRow;
        return (Vector256.Load((byte*)header - InterfaceRow.PatternFront) & Vector256.Load(row->Mask4)) ^ Vector256.Load(row->Pattern4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Unlike6(ulong header, ulong interfaceRow)
    {
        var row = (InterfaceRow*)interfaceRow;
        return (Vector256.Load((byte*)header - InterfaceRow.PatternFront) & Vector256.Load(row->Mask6)) ^ Vector256.Load(row->Pattern6);
    }

    // What differs between the last octets of the source and those of the first legitimate one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OtherSource6(ulong header, ulong interfaceRow)
    {
        var row = (InterfaceRow*)interfaceRow;
        return (*(ulong*)(header + 16) & row->SourceTailMask6) ^ row->SourceTailWire6;
    }

    // Upwards, so that an overlap does no harm.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MoveLanes(Batch* batch, nint at, nint to)
    {
        for (nint i = 0; i < HeaderLanes.Count; i++)
        {
            batch->Buffers[to + i] = batch->Buffers[at + i];
            batch->Headers[to + i] = batch->Headers[at + i];
            batch->Rows[to + i] = batch->Rows[at + i];
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;

namespace Dataplane.Forwarding.Pipeline;

/// <content>The checks of access input for eight packets at a time, when all are plain IPv4.</content>
internal static unsafe partial class FastPath
{
    private const ulong EightPlain = 0x8080_8080_8080_8080;

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

    // Flow hashes, while the headers are in registers; 0 when a packet has no ports and all are left to the next stage.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte HashLanes(in HeaderLanes lanes, ulong* headers, Vector256<uint> lengths, uint* hashes)
    {
        if (lanes.WithoutPorts(lengths) != Vector256<uint>.Zero)
            return 0;
        FlowHash.Mix(lanes.Source, lanes.Destination, HeaderLanes.Ports(headers), lanes.Protocols).Store(hashes);
        return 1;
    }

    // What differs between a frame and the pattern of its interface.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Unlike(ulong header, ulong interfaceRow)
    {
        var row = (InterfaceRow*)interfaceRow;
        return (Vector256.Load((byte*)header - InterfaceRow.PatternFront) & Vector256.Load(row->Mask4)) ^ Vector256.Load(row->Pattern4);
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

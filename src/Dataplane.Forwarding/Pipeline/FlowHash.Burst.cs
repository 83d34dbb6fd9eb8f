using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>A burst at once: its flows are gathered into columns, then mixed 16 or 8 at a time.</content>
internal static unsafe partial class FlowHash
{
    // First word of a header without options, of a packet that is no fragment: version and length, flags and offset.
    private const ulong Plain4Mask = 0xFF3F_0000_0000_00FF;
    private const ulong Plain4 = 0x45;

    /// <summary>Fills <see cref="Batch.Hashes"/> from the columns of headers, lengths and flags.</summary>
    internal static void OfBurst(Batch* batch)
    {
        FlowColumns flows;
        Gather(batch, &flows);
        Mix(&flows, batch->Hashes, batch->Count);
    }

    /// <summary>Gathers the flows of a burst.</summary>
    internal static void Gather(Batch* batch, FlowColumns* flows)
    {
        int count = batch->Count;
        ref byte kinds = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(FlowTuple.PortKinds);
        for (int i = 0; i < count; i++)
        {
            var ip = (byte*)batch->Headers[i];
            if ((batch->Flags[i] & PacketFlags.V6) == 0)
            {
                uint protocol = ip[9];
                if ((*(ulong*)ip & Plain4Mask) == Plain4 && Unsafe.Add(ref kinds, protocol) == FlowTuple.TwoPorts
                    && batch->Lengths[i] >= HeaderSize.Ipv4 + 4)
                {
                    flows->Sources[i] = *(uint*)(ip + 12);
                    flows->Destinations[i] = *(uint*)(ip + 16);
                    flows->Ports[i] = *(uint*)(ip + HeaderSize.Ipv4);
                    flows->Protocols[i] = protocol;
                    continue;
                }
                GatherOther4(flows, i, ip, batch->Lengths[i]);
            }
            else
            {
                uint protocol = ip[6];
                if (Unsafe.Add(ref kinds, protocol) == FlowTuple.TwoPorts && batch->Lengths[i] >= HeaderSize.Ipv6 + 4)
                {
                    FoldBoth(ip, flows->Sources + i, flows->Destinations + i);
                    flows->Ports[i] = *(uint*)(ip + HeaderSize.Ipv6);
                    flows->Protocols[i] = protocol;
                    continue;
                }
                GatherOther6(flows, i, ip, batch->Lengths[i]);
            }
        }
    }

    /// <summary>Hashes of flows; <paramref name="hashes"/> has room for <see cref="Batch.Capacity"/> whatever the count.</summary>
    internal static void Mix(FlowColumns* flows, uint* hashes, int count)
    {
        if (Vector512.IsHardwareAccelerated)
            Mix512(flows, hashes, count);
        else if (Vector256.IsHardwareAccelerated)
            Mix256(flows, hashes, count);
        else
            MixScalar(flows, hashes, count);
    }

    /// <summary>See <see cref="Mix(FlowColumns*, uint*, int)"/>; sixteen at a time.</summary>
    internal static void Mix512(FlowColumns* flows, uint* hashes, int count)
    {
        for (int i = 0; i < count; i += Vector512<uint>.Count)
        {
            Vector512<uint> ports = Vector512.Load(flows->Ports + i);
            Vector512<uint> x = (End(Vector512.Load(flows->Sources + i), ports & Vector512.Create(0xFFFFu))
                + End(Vector512.Load(flows->Destinations + i), ports >>> 16)) ^ Vector512.Load(flows->Protocols + i);
            x = (x ^ x >>> 16) * Vector512.Create(SumFactor);
            x = (x ^ x >>> 15) * Vector512.Create(LastFactor);
            (x ^ x >>> 16).Store(hashes + i);
        }
    }

    /// <summary>See <see cref="Mix(FlowColumns*, uint*, int)"/>; eight at a time.</summary>
    internal static void Mix256(FlowColumns* flows, uint* hashes, int count)
    {
        for (int i = 0; i < count; i += Vector256<uint>.Count)
        {
            Mix(Vector256.Load(flows->Sources + i), Vector256.Load(flows->Destinations + i), Vector256.Load(flows->Ports + i),
                Vector256.Load(flows->Protocols + i)).Store(hashes + i);
        }
    }

    /// <summary>Hashes of eight flows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Mix(Vector256<uint> sources, Vector256<uint> destinations, Vector256<uint> ports, Vector256<uint> protocols)
    {
        Vector256<uint> x = (End(sources, ports & Vector256.Create(0xFFFFu)) + End(destinations, ports >>> 16)) ^ protocols;
        x = (x ^ x >>> 16) * Vector256.Create(SumFactor);
        x = (x ^ x >>> 15) * Vector256.Create(LastFactor);
        return x ^ x >>> 16;
    }

    /// <summary>See <see cref="Mix(FlowColumns*, uint*, int)"/>; one at a time.</summary>
    internal static void MixScalar(FlowColumns* flows, uint* hashes, int count)
    {
        for (int i = 0; i < count; i++)
            hashes[i] = Of(new FlowTuple(flows->Sources[i], flows->Destinations[i], flows->Ports[i], flows->Protocols[i]));
    }

    /// <summary><see cref="Fold"/> of both addresses of an IPv6 header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void FoldBoth(byte* ip, uint* source, uint* destination)
    {
        if (!Avx2.IsSupported)
        {
            *source = Fold(ip + 8);
            *destination = Fold(ip + 24);
            return;
        }
        Vector256<uint> words = Vector256.Load((uint*)(ip + 8))
            + Vector256.Create(Key0, Key1, Key2, Key3, Key0, Key1, Key2, Key3);
        Vector256<ulong> products = Avx2.Multiply(words, (words.AsUInt64() >>> 32).AsUInt32());
        Vector256<ulong> sums = products + Avx2.Shuffle(products.AsUInt32(), 0x4E).AsUInt64();
        Vector256<uint> folded = (sums ^ sums >>> 32).AsUInt32();
        *source = folded.ToScalar();
        *destination = folded.GetUpper().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> End(Vector512<uint> address, Vector512<uint> port)
    {
        Vector512<uint> x = (address ^ address >>> 16) * Vector512.Create(AddressFactor);
        x = (x ^ x >>> 15 ^ port * Vector512.Create(PortFactor)) * Vector512.Create(EndFactor);
        return x ^ x >>> 15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> End(Vector256<uint> address, Vector256<uint> port)
    {
        Vector256<uint> x = (address ^ address >>> 16) * Vector256.Create(AddressFactor);
        x = (x ^ x >>> 15 ^ port * Vector256.Create(PortFactor)) * Vector256.Create(EndFactor);
        return x ^ x >>> 15;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void GatherOther4(FlowColumns* flows, int i, byte* ip, uint length) => Put(flows, i, FlowTuple.Of4(ip, length));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void GatherOther6(FlowColumns* flows, int i, byte* ip, uint length) => Put(flows, i, FlowTuple.Of6(ip, length));

    private static void Put(FlowColumns* flows, int i, FlowTuple flow)
    {
        flows->Sources[i] = flow.Source;
        flows->Destinations[i] = flow.Destination;
        flows->Ports[i] = flow.Ports;
        flows->Protocols[i] = flow.Protocol;
    }

    /// <summary>The flows of a burst as columns, on the worker's stack; see <see cref="FlowTuple"/>.</summary>
    internal struct FlowColumns
    {
        /// <summary>Source addresses.</summary>
        internal fixed uint Sources[Batch.Capacity];

        /// <summary>Destination addresses.</summary>
        internal fixed uint Destinations[Batch.Capacity];

        /// <summary>Both ports.</summary>
        internal fixed uint Ports[Batch.Capacity];

        /// <summary>Protocols.</summary>
        internal fixed uint Protocols[Batch.Capacity];
    }
}

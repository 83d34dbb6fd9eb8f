using System.Buffers.Binary;
using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Model;

/// <summary>What stands in the way of a packet beside the rules.</summary>
/// <param name="Room">Frames that each port takes.</param>
/// <param name="PuntCapacity">Packets that the punt ring takes.</param>
/// <param name="Headroom">Bytes before each frame; with fewer than DPDK's own a packet may be refused for want of them.</param>
internal readonly record struct Limits(uint Room, uint PuntCapacity, int Headroom)
{
    internal static Limits None => new(FakeDpdk.Unlimited, Batch.Capacity, Mbuf.DefaultHeadroom);
}

/// <summary>Compares what the pipeline did with a burst to what the specification says.</summary>
internal static class Agreement
{
    /// <summary>Throws at the first difference. No budget was used up.</summary>
    internal static void Require(IReadOnlyList<Prediction> predictions, BurstResult result, Limits limits)
    {
        var drops = new SortedDictionary<DropReason, int>();
        int unsupported = result.Drops.GetValueOrDefault(DropReason.UnsupportedBuffer);
        for (int i = 0; i < predictions.Count; i++)
        {
            Prediction expected = predictions[i];
            Outcome actual = result.Outcomes[i];
            if (expected.Exit == Exit.Freed && actual.Exit == Exit.Freed)
            {
                drops[expected.Drop] = drops.GetValueOrDefault(expected.Drop) + 1;
            }
            else if (expected.Exit == Exit.Transmitted && actual.Exit == Exit.Freed)
            {
                // Some ports are full, some headroom is short; the sums are checked below.
                DropReason reason = unsupported-- > 0 && limits.Headroom < Mbuf.DefaultHeadroom ? DropReason.UnsupportedBuffer : DropReason.TxFull;
                drops[reason] = drops.GetValueOrDefault(reason) + 1;
            }
            else if (expected.Exit == Exit.Punted && actual.Exit == Exit.Freed)
            {
                drops[DropReason.PuntFull] = drops.GetValueOrDefault(DropReason.PuntFull) + 1;
            }
            else if (expected.Exit != actual.Exit)
            {
                throw new RigException($"packet {i}: {Describe(expected)} expected, but {actual.Exit} "
                    + $"{(actual.Exit == Exit.Punted ? actual.Tag.Reason : "")}; {result}");
            }
            else if (expected.Exit == Exit.Transmitted)
            {
                RequireFrame(i, expected, actual);
            }
            else
            {
                RequirePunt(i, expected, actual);
            }
        }
        if (!drops.SequenceEqual(result.Drops))
            throw new RigException($"drops {string.Join(' ', drops)} expected, but {string.Join(' ', result.Drops)}");
        RequireLimits(predictions, result, limits);
        RequireOrder(predictions, result);
    }

    // Packets of a flow leave in the order in which they came.
    private static void RequireOrder(IReadOnlyList<Prediction> predictions, BurstResult result)
    {
        var last = new Dictionary<string, int>();
        foreach (int index in result.Sent)
        {
            string flow = predictions[index].Flow;
            if (last.TryGetValue(flow, out int before) && before > index)
                throw new RigException($"packet {before} overtook packet {index} of its flow ({flow})");
            last[flow] = index;
        }
    }

    // What a port or the ring refused, it refused for want of room, and no earlier.
    private static void RequireLimits(IReadOnlyList<Prediction> predictions, BurstResult result, Limits limits)
    {
        int punts = predictions.Count(expected => expected.Exit == Exit.Punted);
        if (result.Count(Exit.Punted) != Math.Min(punts, limits.PuntCapacity))
            throw new RigException($"{punts} packets for a punt ring of {limits.PuntCapacity}: {result}");
        if (limits.Headroom < Mbuf.DefaultHeadroom)
            return;
        foreach (IGrouping<ushort, Prediction> port in predictions.Where(expected => expected.Exit == Exit.Transmitted).GroupBy(expected => expected.Port))
        {
            int sent = result.Outcomes.Count(outcome => outcome.Exit == Exit.Transmitted && outcome.Port == port.Key);
            if (sent != Math.Min(port.Count(), limits.Room))
                throw new RigException($"{port.Count()} frames for port {port.Key} with room for {limits.Room}: {result}");
        }
    }

    private static void RequireFrame(int i, Prediction expected, Outcome actual)
    {
        byte[] frame = expected.EntropyPort ? WithEntropyOf(expected.Bytes, actual.Frame) : expected.Bytes;
        if (expected.Port != actual.Port || !frame.AsSpan().SequenceEqual(actual.Frame))
        {
            throw new RigException($"packet {i}: port {expected.Port} {Convert.ToHexString(frame)} expected, "
                + $"but port {actual.Port} {Convert.ToHexString(actual.Frame)}");
        }
        RequireReadable(i, expected, actual.Frame);
    }

    // A second opinion: a reader that did not build the frame finds the tenant's packet in it, one hop further.
    private static void RequireReadable(int i, Prediction expected, byte[] frame)
    {
        try
        {
            byte[] found = expected.Tunnelled ? ParsedFrame.Tunnelled(frame).Inner : ParsedFrame.Delivered(frame).Packet;
            byte[] sent = expected.Hop ? Build.AfterHop(expected.Tenant) : expected.Tenant;
            if (!found.AsSpan().SequenceEqual(sent))
                throw new FormatException($"{Convert.ToHexString(found)} instead of {Convert.ToHexString(sent)}");
        }
        catch (FormatException e)
        {
            throw new RigException($"packet {i}: {e.Message} in {Convert.ToHexString(frame)}");
        }
    }

    private static void RequirePunt(int i, Prediction expected, Outcome actual)
    {
        PuntTag tag = actual.Tag;
        bool same = tag.Reason == expected.Punt && tag.Interface == expected.Interface && tag.Vrf == expected.Vrf
            && tag.OutInterface == expected.OutInterface && tag.Tunnel == expected.Tunnel && tag.Mtu == expected.Mtu
            && tag.FromCore != 0 == expected.FromCore && tag.KeepTtl != 0 == expected.KeepTtl && tag.CoreView != 0 == expected.CoreView;
        if (!same)
            throw new RigException($"packet {i}: {Describe(expected)} expected, but tag {Describe(actual)}");
        // The packet as it came, from its IP header on; Ethernet padding may still follow.
        if (!actual.Packet.StartsWith(expected.Bytes))
            throw new RigException($"packet {i}: punted {Convert.ToHexString(actual.Packet)}, expected {Convert.ToHexString(expected.Bytes)}");
    }

    /// <summary>A frame of MPLS-in-UDP with the source port of another, if that port is allowed, and the checksum that follows.</summary>
    internal static byte[] WithEntropyOf(byte[] expected, byte[] actual)
    {
        byte[] frame = [.. expected];
        bool v6 = frame[12] == 0x86;
        int udp = v6 ? 54 : 34;
        if (actual.Length < udp + 8 || actual[udp] < 0xC0)
            return frame;
        actual.AsSpan(udp, 2).CopyTo(frame.AsSpan(udp));
        if (frame[udp + 6] == 0 && frame[udp + 7] == 0)
            return frame;
        frame[udp + 6] = frame[udp + 7] = 0;
        ushort checksum = Checksum.Of(frame.AsSpan(udp), Checksum.Pseudo(frame.AsSpan(22, 32), 17, frame.Length - udp));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(udp + 6), checksum == 0 ? ushort.MaxValue : checksum);
        return frame;
    }

    private static string Describe(Prediction expected) => expected.Exit switch
    {
        Exit.Freed => $"drop {expected.Drop}",
        Exit.Punted => $"punt {expected.Punt} (interface {expected.Interface}, to {expected.OutInterface}, vrf {expected.Vrf}, "
            + $"tunnel {expected.Tunnel}, mtu {expected.Mtu}, from core {expected.FromCore}, keep ttl {expected.KeepTtl}, core view {expected.CoreView})",
        _ => $"frame on port {expected.Port}",
    };

    private static string Describe(Outcome actual) => $"{actual.Tag.Reason} (interface {actual.Tag.Interface}, to {actual.Tag.OutInterface}, "
        + $"vrf {actual.Tag.Vrf}, tunnel {actual.Tag.Tunnel}, mtu {actual.Tag.Mtu}, from core {actual.Tag.FromCore}, keep ttl {actual.Tag.KeepTtl}, "
        + $"core view {actual.Tag.CoreView})";
}

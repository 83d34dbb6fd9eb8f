using Dataplane.Forwarding.Control;
using Dataplane.Net;

namespace Dataplane.Fuzz.Frames;

/// <summary>Filter rules of every kind, so wide that packets often match some of them.</summary>
internal static class RandomFilter
{
    /// <summary>A rule that does nothing yet.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="name">Its name.</param>
    /// <param name="sample">A packet that the addresses are to match now and then.</param>
    internal static FilterRule Any(Random random, string name, byte[] sample)
    {
        bool v6 = sample[0] >> 4 == 6;
        return new FilterRule
        {
            Name = name,
            Destination = random.Next(2) == 0 ? Address(random, sample.AsSpan(v6 ? 24 : 16, v6 ? 16 : 4)) : null,
            Source = random.Next(3) == 0 ? Address(random, sample.AsSpan(v6 ? 8 : 12, v6 ? 16 : 4)) : null,
            Protocols = Some(random, 3, 255, 1, 6, 17, 58),
            Ports = Some(random, 6, 65535),
            DestinationPorts = Some(random, 6, 65535),
            SourcePorts = Some(random, 6, 65535),
            IcmpTypes = Some(random, 8, 255, 0, 8, 128),
            IcmpCodes = Some(random, 8, 255),
            TcpFlags = Some(random, 8, 4095),
            Lengths = Some(random, 6, 200),
            Dscps = Some(random, 6, 63, 0),
            Fragments = Some(random, 6, 15, 0, 1),
            FlowLabels = v6 ? Some(random, 8, 0xFFFFF, 0) : null,
        };
    }

    private static AddressMatch Address(Random random, ReadOnlySpan<byte> address)
    {
        int bits = 8 * address.Length;
        int length = random.Next(bits + 1);
        int offset = bits == 128 && random.Next(3) == 0 ? random.Next(length + 1) : 0;
        var mask = new byte[address.Length];
        var value = new byte[address.Length];
        for (int bit = offset; bit < length; bit++)
            mask[bit / 8] |= (byte)(0x80 >> bit % 8);
        for (int i = 0; i < mask.Length; i++)
            value[i] = (byte)(address[i] & mask[i]);
        if (random.Next(8) == 0 && length > offset)
            value[(length - 1) / 8] ^= (byte)(0x80 >> (length - 1) % 8);
        return bits == 128
            ? new AddressMatch(Ipv6Address.Read(value), Ipv6Address.Read(mask))
            : new AddressMatch(Ipv4Address.Read(value), Ipv4Address.Read(mask));
    }

    // Ranges in order; one time in so many, otherwise null. Some of them about the usual values.
    private static List<ValueRange>? Some(Random random, int oneIn, int highest, params int[] usual)
    {
        if (random.Next(oneIn) != 0)
            return null;
        var ranges = new List<ValueRange>();
        int next = random.Next(4) == 0 ? random.Next(highest + 1) : 0;
        for (int count = random.Next(0, 4); count > 0 && next <= highest; count--)
        {
            int first = usual.FirstOrDefault(value => value >= next && random.Next(2) == 0, Math.Min(highest, next + random.Next(highest / 3 + 1)));
            int last = random.Next(3) == 0 ? first : Math.Min(highest, first + random.Next(highest / 2 + 1));
            ranges.Add(new ValueRange((uint)first, (uint)last));
            next = last + 2;
        }
        return ranges;
    }
}

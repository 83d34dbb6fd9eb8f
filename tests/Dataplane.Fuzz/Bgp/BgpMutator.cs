using System.Buffers.Binary;

namespace Dataplane.Fuzz.Bgp;

/// <summary>
/// Damages BGP messages: bits, octets, cuts, lengths a little off, attributes swapped, doubled, left out, taken from another message; and
/// mostly mends the lengths of header and attributes afterwards, so that the damage is not found too early.
/// </summary>
internal sealed class BgpMutator(Random random)
{
    private const int Header = 19;
    private const byte Update = 2;

    private static readonly byte[] Octets = [0, 1, 2, 4, 8, 12, 15, 16, 24, 32, 40, 64, 80, 88, 96, 112, 120, 127, 128, 132, 133, 134, 0xC0, 0xEF, 0xF0, 0xFE, 0xFF];

    /// <summary>A message that differs, or the same one.</summary>
    public byte[] Mutate(byte[] message, byte[] other)
    {
        for (var times = random.Next(3) == 0 ? random.Next(2, 5) : 1; times > 0; times--)
        {
            message = message.Length > Header + 4 && message[18] == Update && random.Next(2) == 0 ? Attributes(message, other) : Once(message);
        }

        if (message.Length >= Header && random.Next(12) != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(16), (ushort)Math.Min(message.Length, ushort.MaxValue));
        }

        return message;
    }

    private byte[] Once(byte[] message)
    {
        if (message.Length == 0)
        {
            return message;
        }

        byte[] copy = [.. message];
        var at = copy.Length > Header ? random.Next(Header, copy.Length) : random.Next(copy.Length);
        switch (random.Next(9))
        {
            case 0:
                return copy[..at];
            case 1:
                return [.. copy, .. Random(random.Next(1, 20))];
            case 2:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 3:
                copy[at] = Octets[random.Next(Octets.Length)];
                return copy;
            case 4:
                copy[at] += (byte)random.Next(-4, 5);
                return copy;
            case 5:
                return [.. copy[..at], .. Random(random.Next(1, 6)), .. copy[at..]];
            case 6:
                return [.. copy[..at], .. copy[Math.Min(copy.Length, at + random.Next(1, 6))..]];
            case 7:
                // A stretch again: NLRI, segments and communities come in rows.
                var end = Math.Min(copy.Length, at + random.Next(1, 24));
                return copy.Length > 3000 ? copy : [.. copy[..end], .. copy[at..end], .. copy[end..]];
            default:
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
                return copy;
        }
    }

    /// <summary>Takes an UPDATE apart, changes its list of attributes, puts it together again with lengths that fit.</summary>
    private byte[] Attributes(byte[] message, byte[] other)
    {
        if (!TrySplit(message, out byte[] withdrawn, out List<byte[]> attributes, out byte[] nlri))
        {
            return message;
        }

        var index = attributes.Count == 0 ? 0 : random.Next(attributes.Count);
        switch (random.Next(8))
        {
            case 0 when attributes.Count > 0:
                attributes.RemoveAt(index);
                break;
            case 1 when attributes.Count > 0:
                attributes.Add(attributes[index]);
                break;
            case 2 when attributes.Count > 1:
                (attributes[0], attributes[index]) = (attributes[index], attributes[0]);
                break;
            case 3 when TrySplit(other, out _, out List<byte[]> others, out _) && others.Count > 0:
                attributes.Insert(index, others[random.Next(others.Count)]);
                break;
            case 4:
                (withdrawn, nlri) = (nlri, withdrawn);
                break;
            case 5 when attributes.Count > 0:
                attributes[index] = Resized(attributes[index]);
                break;
            case 6:
                attributes.Insert(index, [(byte)(random.Next(16) << 4), (byte)random.Next(1, 45), .. Value(random.Next(3) == 0 ? random.Next(40) : random.Next(13))]);
                break;
            default:
                if (attributes.Count > 0)
                {
                    attributes[index] = [.. attributes[index]];
                    attributes[index][random.Next(attributes[index].Length)] = Octets[random.Next(Octets.Length)];
                }

                break;
        }

        byte[] list = [.. attributes.SelectMany(attribute => attribute)];
        return [.. message[..Header], .. Two(withdrawn.Length), .. withdrawn, .. Two(list.Length), .. list, .. nlri];
    }

    /// <summary>An attribute with a few octets more or less, and a length that says so.</summary>
    private byte[] Resized(byte[] attribute)
    {
        var header = (attribute[0] & 0x10) != 0 ? 4 : 3;
        byte[] value = attribute[Math.Min(header, attribute.Length)..];
        value = random.Next(2) == 0 ? value[..random.Next(value.Length + 1)] : [.. value, .. Random(random.Next(1, 9))];
        byte[] flags = [(byte)(value.Length > 255 ? attribute[0] | 0x10 : attribute[0]), attribute[1]];
        return (flags[0] & 0x10) != 0 ? [.. flags, .. Two(value.Length), .. value] : [.. flags, (byte)value.Length, .. value];
    }

    private byte[] Value(int length) => [(byte)length, .. Random(length)];

    private byte[] Random(int count)
    {
        var octets = new byte[count];
        random.NextBytes(octets);
        return octets;
    }

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];

    private static bool TrySplit(byte[] message, out byte[] withdrawn, out List<byte[]> attributes, out byte[] nlri)
    {
        (withdrawn, attributes, nlri) = ([], [], []);
        if (message.Length < Header + 4 || message[18] != Update)
        {
            return false;
        }

        int withdrawnLength = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(Header));
        if (withdrawnLength > message.Length - Header - 4)
        {
            return false;
        }

        int listLength = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(Header + 2 + withdrawnLength));
        var start = Header + 4 + withdrawnLength;
        if (listLength > message.Length - start)
        {
            return false;
        }

        withdrawn = message[(Header + 2)..(Header + 2 + withdrawnLength)];
        nlri = message[(start + listLength)..];
        byte[] rest = message[start..(start + listLength)];
        while (rest.Length >= 4)
        {
            var size = (rest[0] & 0x10) != 0 ? 4 + BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(2)) : 3 + rest[2];
            size = Math.Min(size, rest.Length);
            attributes.Add(rest[..size]);
            rest = rest[size..];
        }

        return true;
    }
}

using Dataplane.Fuzz.Frames;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>Damages frames: some bits, a cut, a word at a place that matters; and sometimes mends checksums so that the
/// damage is not found too early.</summary>
internal sealed class FrameMutator(Random random)
{
    private static readonly byte[] Bytes = [0, 1, 2, 0x0F, 0x10, 0x40, 0x45, 0x46, 0x4F, 0x60, 0x7F, 0x80, 0x81, 0x88, 0xFE, 0xFF];

    /// <summary>A frame that differs, or the same one.</summary>
    internal byte[] Mutate(MadeFrame made)
    {
        byte[] frame = made.Bytes;
        for (int times = random.Next(1, 4); times > 0; times--)
            frame = Once(frame, made.Headers);
        if (random.Next(3) != 0)
        {
            foreach (int header in made.Headers)
                Mend(frame, header);
        }
        return frame;
    }

    private byte[] Once(byte[] frame, int[] headers)
    {
        byte[] copy = [.. frame];
        if (copy.Length == 0)
            return copy;
        switch (random.Next(10))
        {
            case 0:
                return copy[..random.Next(copy.Length + 1)];
            case 1 when headers.Length != 0:
                // A cut close to where a header ends.
                return copy[..Math.Clamp(headers[random.Next(headers.Length)] + random.Next(-4, 70), 0, copy.Length)];
            case 2:
                return [.. copy, .. new byte[random.Next(1, 64)]];
            case 3:
                copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
                return copy;
            case 4:
                copy[random.Next(Math.Min(copy.Length, 100))] = (byte)random.Next(256);
                return copy;
            case 5 when headers.Length != 0:
            case 6 when headers.Length != 0:
                // Anything in an IP header, above all in its first octets.
                int at = headers[random.Next(headers.Length)] + (random.Next(2) == 0 ? random.Next(12) : random.Next(44));
                if (at < copy.Length)
                    copy[at] = Bytes[random.Next(Bytes.Length)];
                return copy;
            case 7 when headers.Length != 0:
                // The length field, a little off.
                int header = headers[random.Next(headers.Length)];
                int field = header + (header < copy.Length && copy[header] >> 4 == 6 ? 5 : 3);
                if (field < copy.Length)
                    copy[field] += (byte)random.Next(-8, 9);
                return copy;
            case 8:
                int from = random.Next(copy.Length);
                int count = random.Next(Math.Min(16, copy.Length - from) + 1);
                copy.AsSpan(from, count).CopyTo(copy.AsSpan(random.Next(copy.Length - count + 1)));
                return copy;
            default:
                int first = random.Next(copy.Length);
                copy.AsSpan(first, random.Next(Math.Min(8, copy.Length - first) + 1)).Fill(Bytes[random.Next(Bytes.Length)]);
                return copy;
        }
    }

    private static void Mend(byte[] frame, int header)
    {
        if (header + 20 > frame.Length || frame[header] >> 4 != 4)
            return;
        int bytes = (frame[header] & 15) * 4;
        if (bytes >= 20 && header + bytes <= frame.Length)
            Build.FixChecksum4(frame.AsSpan(header));
    }
}

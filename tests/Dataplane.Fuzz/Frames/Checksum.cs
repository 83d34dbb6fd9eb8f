namespace Dataplane.Fuzz.Frames;

/// <summary>RFC 1071 the slow way: sixteen bits at a time, in network order. The rig's own, on purpose.</summary>
internal static class Checksum
{
    /// <summary>One's complement sum, folded.</summary>
    internal static ushort Sum(ReadOnlySpan<byte> data, uint seed = 0)
    {
        uint sum = seed;
        for (int i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)((sum & 0xFFFF) + (sum >> 16));
    }

    /// <summary>What to store.</summary>
    internal static ushort Of(ReadOnlySpan<byte> data, uint seed = 0) => (ushort)~Sum(data, seed);

    /// <summary>Sum of the pseudo header of an upper layer: addresses, protocol, length.</summary>
    internal static uint Pseudo(ReadOnlySpan<byte> addresses, byte protocol, int length) =>
        (uint)Sum(addresses) + protocol + (uint)(length >> 16) + (uint)(length & 0xFFFF);
}

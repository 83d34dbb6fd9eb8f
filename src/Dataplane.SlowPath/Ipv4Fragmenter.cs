using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.SlowPath;

/// <summary>
/// Splits an IPv4 datagram for a smaller MTU (RFC 791 section 3.2). The first fragment keeps all options, the others
/// those whose copied flag is set. A fragment can be split again.
/// </summary>
internal static class Ipv4Fragmenter
{
    private const int MoreFragments = 0x2000;
    private const int OffsetMask = 0x1fff;

    /// <summary>Splits a valid datagram without DF.</summary>
    /// <param name="datagram">The datagram, exactly as long as its header says.</param>
    /// <param name="mtu">Longest datagram that may result, in octets.</param>
    /// <param name="fragments">Fragments in order of their offset; empty on failure.</param>
    /// <returns>
    /// <see cref="SlowPathDropReason.None"/>, or why it cannot be done: the MTU leaves no room for eight octets of data,
    /// or the options are malformed.
    /// </returns>
    internal static SlowPathDropReason TrySplit(ReadOnlySpan<byte> datagram, int mtu, out List<byte[]> fragments)
    {
        fragments = [];
        int headerLength = (datagram[0] & 0xf) * 4;
        if (mtu < headerLength + 8)
            return SlowPathDropReason.MtuTooSmall;
        var laterHeader = new byte[HeaderSize.Ipv4Max];
        int laterHeaderLength = CopyHeader(datagram[..headerLength], laterHeader);
        if (laterHeaderLength < 0)
            return SlowPathDropReason.Malformed;

        int flagsAndOffset = BinaryPrimitives.ReadUInt16BigEndian(datagram[6..]);
        int offset = flagsAndOffset & OffsetMask;
        bool lastIsLast = (flagsAndOffset & MoreFragments) == 0;
        ReadOnlySpan<byte> header = datagram[..headerLength];
        ReadOnlySpan<byte> data = datagram[headerLength..];
        if (offset * 8 + data.Length > ushort.MaxValue)
            return SlowPathDropReason.Malformed;
        while (!data.IsEmpty)
        {
            bool last = header.Length + data.Length <= mtu;
            int length = last ? data.Length : (mtu - header.Length) & ~7;
            fragments.Add(Build(header, data[..length], offset, more: !last || !lastIsLast));
            data = data[length..];
            offset += length / 8;
            header = laterHeader.AsSpan(0, laterHeaderLength);
        }
        return SlowPathDropReason.None;
    }

    private static byte[] Build(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, int offset, bool more)
    {
        var fragment = new byte[header.Length + data.Length];
        header.CopyTo(fragment);
        data.CopyTo(fragment.AsSpan(header.Length));
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)fragment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(6), (ushort)(offset | (more ? MoreFragments : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(10), 0);
        BinaryPrimitives.WriteUInt16BigEndian(
            fragment.AsSpan(10), InternetChecksum.Compute(fragment.AsSpan(0, header.Length)));
        return fragment;
    }

    /// <summary>Writes the header of the later fragments and returns its length, or -1 for malformed options.</summary>
    private static int CopyHeader(ReadOnlySpan<byte> header, Span<byte> copy)
    {
        header[..HeaderSize.Ipv4].CopyTo(copy);
        int length = HeaderSize.Ipv4;
        ReadOnlySpan<byte> options = header[HeaderSize.Ipv4..];
        while (!options.IsEmpty)
        {
            const byte EndOfOptions = 0;
            const byte NoOperation = 1;
            byte type = options[0];
            if (type == EndOfOptions)
                break;
            if (type == NoOperation)
            {
                options = options[1..];
                continue;
            }
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
                return -1;
            int optionLength = options[1];
            bool isCopied = (type & 0x80) != 0;
            if (isCopied)
            {
                options[..optionLength].CopyTo(copy[length..]);
                length += optionLength;
            }
            options = options[optionLength..];
        }
        int padded = (length + 3) & ~3;
        copy[length..padded].Clear();
        copy[0] = (byte)(0x40 | padded / 4);
        return padded;
    }
}

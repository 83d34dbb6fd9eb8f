using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Dataplane.Net;

/// <summary>
/// The one's complement checksum of IP, UDP, TCP, ICMP and GRE (RFC 1071) and its incremental update (RFC 1624).
/// All 16-bit words and results are numbers: the first octet on the wire is the most significant.
/// </summary>
public static class InternetChecksum
{
    /// <summary>The checksum to store over these octets, whose checksum field holds zero.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => (ushort)~Fold(Sum(data, 0));

    /// <summary>The checksum to store over these octets and what a partial sum already covers.</summary>
    /// <param name="data">Octets whose checksum field holds zero.</param>
    /// <param name="seed">A partial sum, of a pseudo-header for instance.</param>
    public static ushort Compute(ReadOnlySpan<byte> data, uint seed) => (ushort)~Fold(Sum(data, seed));

    /// <summary>Whether octets that include their checksum are intact.</summary>
    /// <param name="data">The octets covered, the checksum field as received.</param>
    /// <param name="seed">A partial sum, of a pseudo-header for instance.</param>
    public static bool IsValid(ReadOnlySpan<byte> data, uint seed = 0) => Fold(Sum(data, seed)) == 0xFFFF;

    /// <summary>
    /// The partial sum of octets added to another partial sum. An odd last octet counts as if a zero followed, so only
    /// the last part of a message may have an odd length.
    /// </summary>
    /// <param name="data">Any number of octets.</param>
    /// <param name="seed">A partial sum to go on from.</param>
    /// <returns>A partial sum that always leaves room for 2^15 further 16-bit words before it needs a fold.</returns>
    public static uint Sum(ReadOnlySpan<byte> data, uint seed)
    {
        // One's complement addition does not care for the byte order of its words (RFC 1071 §2 B): sum in the
        // machine's own order, eight octets a time, and swap once at the end.
        ulong sum = 0;
        while (data.Length >= 8)
        {
            var word = MemoryMarshal.Read<ulong>(data);
            sum += (word & uint.MaxValue) + (word >> 32);
            data = data[8..];
        }

        if (data.Length >= 4)
        {
            sum += MemoryMarshal.Read<uint>(data);
            data = data[4..];
        }

        if (data.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(data);
            data = data[2..];
        }

        if (data.Length == 1)
        {
            sum += BitConverter.IsLittleEndian ? data[0] : (uint)data[0] << 8;
        }

        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & uint.MaxValue) + (sum >> 32);
        var folded = Fold((uint)sum);
        var total = (ulong)seed + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded);
        return total <= int.MaxValue ? (uint)total : Fold((uint)(total & uint.MaxValue)) + (uint)(total >> 32);
    }

    /// <summary>Folds a partial sum into 16 bits, end-around carries included. Not yet complemented.</summary>
    public static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>The partial sum of the pseudo-header of UDP and TCP over IPv4 (RFC 768, RFC 9293).</summary>
    /// <param name="source">Source address.</param>
    /// <param name="destination">Final destination address.</param>
    /// <param name="protocol">See <see cref="IpProtocol"/>.</param>
    /// <param name="length">Octets of the upper-layer header and its data, at most 65535.</param>
    public static uint PseudoHeader(Ipv4Address source, Ipv4Address destination, byte protocol, int length) =>
        Words(source.Value) + Words(destination.Value) + protocol + (uint)length;

    /// <summary>The partial sum of the pseudo-header of every upper layer over IPv6 (RFC 8200 §8.1).</summary>
    /// <param name="source">Source address.</param>
    /// <param name="destination">Final destination address.</param>
    /// <param name="protocol">Next header of the upper layer; see <see cref="IpProtocol"/>.</param>
    /// <param name="length">Octets of the upper-layer header and its data.</param>
    public static uint PseudoHeader(Ipv6Address source, Ipv6Address destination, byte protocol, int length) =>
        Words(source.High) + Words(source.Low) + Words(destination.High) + Words(destination.Low) + protocol + Words((uint)length);

    /// <summary>The checksum after one 16-bit word under it has changed (RFC 1624 equation 3).</summary>
    /// <param name="checksum">The stored checksum.</param>
    /// <param name="oldWord">The word it covers now.</param>
    /// <param name="newWord">The word that takes its place.</param>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord) =>
        (ushort)~Fold((uint)(ushort)~checksum + (ushort)~oldWord + newWord);

    private static uint Words(uint value) => (value >> 16) + (value & 0xFFFF);

    private static uint Words(ulong value) => Words((uint)(value >> 32)) + Words((uint)value);
}

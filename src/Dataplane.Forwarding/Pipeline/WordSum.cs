using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Pipeline;

/// <summary>
/// One's complement sums over raw memory for the fast path. The sum is of 16-bit words as little-endian loads see them;
/// one's complement addition does not mind the byte order as long as the result is stored the same way (RFC 1071).
/// </summary>
internal static unsafe class WordSum
{
    /// <summary>The sum, not folded; an odd last octet counts as followed by zero.</summary>
    internal static ulong Of(byte* data, uint bytes)
    {
        ulong sum = 0;
        if (Vector256.IsHardwareAccelerated && bytes >= 64)
        {
            // 32-bit words into 64-bit lanes: the carries of a whole packet fit above them.
            Vector256<ulong> lanes = Vector256<ulong>.Zero;
            do
            {
                Vector256<ulong> words = Vector256.Load((ulong*)data);
                lanes += (words & Vector256.Create(0xFFFFFFFFul)) + (words >> 32);
                data += 32;
                bytes -= 32;
            }
            while (bytes >= 32);
            sum = Vector256.Sum(lanes);
        }
        for (; bytes >= 4; bytes -= 4, data += 4)
            sum += *(uint*)data;
        if (bytes >= 2)
        {
            sum += *(ushort*)data;
            data += 2;
            bytes -= 2;
        }
        if (bytes != 0)
            sum += *data;
        return sum;
    }

    /// <summary>Folds a sum into 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Fold(ulong sum)
    {
        sum = (sum & 0xFFFFFFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (uint)sum;
    }
}

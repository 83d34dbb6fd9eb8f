using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// What the first bytes of the frames of one encapsulation look like at a core port, everything but lengths, checksums and
/// addresses of the sender; the mask says what counts. Written before workers start.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TunnelPattern
{
    /// <summary>Bytes that a frame needs for the comparison.</summary>
    internal const int FrameBytes = 64;

    /// <summary>Bits outside the mask are those of no frame.</summary>
    internal fixed byte Value[FrameBytes];

    internal fixed byte Mask[FrameBytes];

    /// <summary>Demands these bits of a byte of the frame.</summary>
    internal void Require(int at, byte value, byte mask = 0xFF)
    {
        Value[at] = value;
        Mask[at] = mask;
    }

    /// <summary>Matches no frame.</summary>
    internal void RequireImpossible() => Value[0] = 1;

    /// <summary>True when the frame looks so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Matches(TunnelPattern* pattern, byte* frame)
    {
        byte* value = (byte*)pattern;
        byte* mask = value + FrameBytes;
        return (((Vector256.Load(frame) & Vector256.Load(mask)) ^ Vector256.Load(value))
            | ((Vector256.Load(frame + 32) & Vector256.Load(mask + 32)) ^ Vector256.Load(value + 32))) == Vector256<byte>.Zero;
    }

    /// <summary>True when eight frames look so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MatchesEight(TunnelPattern* pattern, ulong* frames)
    {
        byte* value = (byte*)pattern;
        byte* mask = value + FrameBytes;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<byte> wanted = Vector512.Load(value);
            Vector512<byte> unlike = Vector512<byte>.Zero;
            for (int i = 0; i < 8; i++)
                unlike |= Vector512.Load((byte*)frames[i]) ^ wanted;
            return ((unlike & Vector512.Load(mask)) | Vector512.AndNot(wanted, Vector512.Load(mask))) == Vector512<byte>.Zero;
        }
        Vector256<byte> wanted0 = Vector256.Load(value), wanted1 = Vector256.Load(value + 32);
        Vector256<byte> unlike0 = Vector256<byte>.Zero, unlike1 = Vector256<byte>.Zero;
        for (int i = 0; i < 8; i++)
        {
            unlike0 |= Vector256.Load((byte*)frames[i]) ^ wanted0;
            unlike1 |= Vector256.Load((byte*)frames[i] + 32) ^ wanted1;
        }
        Vector256<byte> mask0 = Vector256.Load(mask), mask1 = Vector256.Load(mask + 32);
        return ((unlike0 & mask0) | (unlike1 & mask1) | Vector256.AndNot(wanted0, mask0) | Vector256.AndNot(wanted1, mask1)) == Vector256<byte>.Zero;
    }
}

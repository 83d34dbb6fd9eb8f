using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Layout;

/// <summary>
/// What the frames of one encapsulation look like at a core port, everything but lengths, checksums and addresses of the
/// sender: two windows of 32 bytes, of which the masks say what counts. Written before workers start.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TunnelPattern
{
    /// <summary>Bytes of a window.</summary>
    internal const int WindowBytes = 32;

    /// <summary>Where the second window begins; the first one begins with the frame.</summary>
    internal const int SecondWindow = 14;

    /// <summary>Bytes that a frame needs for the comparison.</summary>
    internal const int FrameBytes = SecondWindow + WindowBytes;

    internal fixed byte Value[2 * WindowBytes];

    internal fixed byte Mask[2 * WindowBytes];

    /// <summary>Demands these bits of a byte of the frame.</summary>
    internal void Require(int at, byte value, byte mask = 0xFF)
    {
        int index = at < WindowBytes ? at : at - SecondWindow + WindowBytes;
        Value[index] = value;
        Mask[index] = mask;
    }

    /// <summary>Matches no frame.</summary>
    internal void RequireImpossible() => Value[0] = 1;

    /// <summary>True when the frame looks so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Matches(TunnelPattern* pattern, byte* frame) => Difference(pattern, frame) == Vector256<byte>.Zero;

    /// <summary>Bits that differ, of both windows together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<byte> Difference(TunnelPattern* pattern, byte* frame)
    {
        byte* value = (byte*)pattern;
        byte* mask = value + 2 * WindowBytes;
        return ((Vector256.Load(frame) & Vector256.Load(mask)) ^ Vector256.Load(value))
            | ((Vector256.Load(frame + SecondWindow) & Vector256.Load(mask + WindowBytes)) ^ Vector256.Load(value + WindowBytes));
    }
}

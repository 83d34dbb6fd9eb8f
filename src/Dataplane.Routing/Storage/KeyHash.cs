using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Dataplane.Routing.Storage;

/// <summary>
/// Hashes of keys that peers choose: multiply and fold (as wyhash does), with a seed of this process so that nobody outside can prepare keys
/// that collide. Not for anything that is stored or sent.
/// </summary>
internal static class KeyHash
{
    private const ulong Odd1 = 0xA0761D6478BD642F;
    private const ulong Odd2 = 0xE7037ED1A0B428DB;

    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Of two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(ulong a, ulong b) => Finish(Fold(a ^ Odd1 ^ Seed, b ^ Odd2));

    /// <summary>Of three words.</summary>
    public static uint Of(ulong a, ulong b, ulong c) => Finish(Fold(Fold(a ^ Odd1 ^ Seed, b ^ Odd2) ^ Odd1, c ^ Odd2 ^ Seed));

    /// <summary>Of four words.</summary>
    public static uint Of(ulong a, ulong b, ulong c, ulong d) =>
        Finish(Fold(Fold(a ^ Odd1 ^ Seed, b ^ Odd2) ^ c ^ Odd1, d ^ Odd2 ^ Seed));

    /// <summary>Of octets.</summary>
    public static uint Of(ReadOnlySpan<byte> octets)
    {
        var state = Seed ^ (ulong)octets.Length;
        while (octets.Length >= 16)
        {
            state = Fold(BinaryPrimitives.ReadUInt64LittleEndian(octets) ^ Odd1 ^ state, BinaryPrimitives.ReadUInt64LittleEndian(octets[8..]) ^ Odd2);
            octets = octets[16..];
        }

        ulong a = 0;
        if (octets.Length >= 8)
        {
            a = BinaryPrimitives.ReadUInt64LittleEndian(octets);
            octets = octets[8..];
        }

        ulong b = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            b |= (ulong)octets[i] << (8 * i);
        }

        return Finish(Fold(a ^ Odd1 ^ state, b ^ Odd2 ^ Seed));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Finish(ulong state)
    {
        state = Fold(state ^ Odd2, Odd1);
        return (uint)(state ^ state >> 32);
    }
}

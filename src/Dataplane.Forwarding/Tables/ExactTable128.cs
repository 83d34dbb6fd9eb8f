using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dataplane.Forwarding.Tables;

/// <summary>
/// Open-addressing table from (64-bit space, 128-bit key) to a 64-bit value; an entry is 32 bytes, two to a cache line.
/// Space 0 marks an entry never used (a probe ends there), all ones a removed one. Same rules as
/// <see cref="ExactTable64"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct ExactTable128
{
    /// <summary>Space of an entry that was never used.</summary>
    internal const ulong Unused = 0;

    /// <summary>Space of a removed entry.</summary>
    internal const ulong Removed = ulong.MaxValue;

    /// <summary>Number of entries minus one; a power of two minus one. The entries follow this header.</summary>
    [FieldOffset(0)]
    internal ulong EntryMask;

    /// <summary>Bytes of a table with this many entries.</summary>
    internal static nuint SizeOf(ulong entries) => (nuint)(64 + 32 * entries);

    /// <summary>Entry <paramref name="index"/>, wrapped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Entry* At(ExactTable128* table, ulong index) => (Entry*)(table + 1) + (index & table->EntryMask);

    /// <summary>
    /// Spreads a key over the entries: both halves of a full product, so that every bit of the key reaches the low bits.
    /// Addresses come in wire order, where the hosts of a subnet differ in the most significant bits alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Hash(ulong space, ulong high, ulong low)
    {
        ulong upper = Math.BigMul(high ^ space * 0x9E3779B97F4A7C15, low ^ 0xC2B2AE3D27D4EB4F, out ulong lower);
        return upper ^ lower;
    }

    /// <summary>The value stored under the key, or 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Find(ExactTable128* table, ulong space, ulong high, ulong low)
    {
        for (ulong index = Hash(space, high, low); ; index++)
        {
            Entry* entry = At(table, index);
            ulong found = Volatile.Read(ref entry->Space);
            if (found == space && entry->High == high && entry->Low == low)
                return Volatile.Read(ref entry->Value);
            if (found == Unused)
                return 0;
        }
    }

    /// <summary>One entry; written in the order value, low, high, space.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        /// <summary>Which key space; see <see cref="Unused"/> and <see cref="Removed"/>.</summary>
        internal ulong Space;

        /// <summary>Upper half of the key.</summary>
        internal ulong High;

        /// <summary>Lower half of the key.</summary>
        internal ulong Low;

        /// <summary>What is stored.</summary>
        internal ulong Value;
    }
}

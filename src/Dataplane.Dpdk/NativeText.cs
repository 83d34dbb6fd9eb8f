using System.Runtime.InteropServices;
using System.Text;

namespace Dataplane.Dpdk;

/// <summary>Text that crosses into and out of C.</summary>
internal static unsafe class NativeText
{
    /// <summary>A terminated UTF-8 string; empty for null.</summary>
    internal static string Read(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>A string in an array of fixed length that a zero byte ends earlier.</summary>
    internal static string Read(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}

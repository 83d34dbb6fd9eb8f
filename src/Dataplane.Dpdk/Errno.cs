using System.Runtime.InteropServices;

namespace Dataplane.Dpdk;

/// <summary>The error numbers of Linux (asm-generic/errno.h) that this library tells apart.</summary>
internal static class Errno
{
    internal const int NoEntry = 2;
    internal const int Exists = 17;
    internal const int NoDevice = 19;
    internal const int Invalid = 22;
    internal const int NotSupported = 95;

    /// <summary>The system's words for an error number.</summary>
    internal static string Describe(int number) =>
        number > 0 ? $"{Marshal.GetPInvokeErrorMessage(number)} (errno {number})" : "unknown error";
}

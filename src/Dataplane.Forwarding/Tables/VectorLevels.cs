using System.Runtime.Intrinsics;

namespace Dataplane.Forwarding.Tables;

/// <summary>What the machine has.</summary>
public static class VectorLevels
{
    /// <summary>The widest level that the machine has in hardware, or the one that the environment variable
    /// <c>DATAPLANE_VECTORS</c> names: <c>scalar</c>, <c>avx2</c> or <c>avx512</c>.</summary>
    public static VectorLevel Widest { get; } =
        Enum.TryParse(Environment.GetEnvironmentVariable("DATAPLANE_VECTORS"), ignoreCase: true, out VectorLevel forced) && Enum.IsDefined(forced)
            ? forced
            : Vector512.IsHardwareAccelerated ? VectorLevel.Avx512
            : Vector256.IsHardwareAccelerated ? VectorLevel.Avx2 : VectorLevel.Scalar;
}

using Dataplane.Forwarding;

namespace Dataplane.SlowPath;

/// <summary>Names of <see cref="SlowPathDropReason"/> as operators see them.</summary>
public static class SlowPathDropReasonNames
{
    private static readonly string[] s_names =
        Enum.GetValues<SlowPathDropReason>().Select(reason => ReasonNames.ToKebabCase(reason.ToString())).ToArray();

    /// <summary>Number of values; the size of a counter column indexed by the reason.</summary>
    public static int Count => s_names.Length;

    /// <summary>Operator-facing name, for example <c>hold-timeout</c>.</summary>
    public static string Name(this SlowPathDropReason reason) => s_names[(int)reason];
}

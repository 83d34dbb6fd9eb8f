using System.Text.RegularExpressions;

namespace Dataplane.Dpdk;

/// <summary>Tells a PCI address (0000:03:00.0) from the name of a virtual device.</summary>
internal static partial class PciAddress
{
    [GeneratedRegex("^([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]$")]
    private static partial Regex Pattern { get; }

    internal static bool IsMatch(string text) => Pattern.IsMatch(text);
}

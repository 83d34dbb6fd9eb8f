using System.Globalization;
using System.Text.RegularExpressions;

namespace Dataplane.Host.Configuration.Kernel;

/// <summary>
/// Reads routes from procfs and devices from sysfs each time it is asked. What cannot be read does not exist: a
/// machine without /proc has no default route that could be lost.
/// </summary>
/// <param name="procNet">The directory of <c>route</c> and <c>ipv6_route</c>.</param>
/// <param name="sysClassNet">The directory with one entry per network interface.</param>
internal sealed partial class LinuxKernelView(string procNet = "/proc/net", string sysClassNet = "/sys/class/net") : IKernelView
{
    // include/uapi/linux/route.h
    private const uint RouteUp = 0x0001;
    private const uint RouteReject = 0x0200;

    /// <inheritdoc/>
    public int ProcessorCount => Environment.ProcessorCount;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> DefaultRouteInterfaces
    {
        get
        {
            var names = new HashSet<string>(StringComparer.Ordinal);

            // Iface Destination Gateway Flags RefCnt Use Metric Mask …
            foreach (var fields in ReadFields("route").Where(static f => f.Length >= 8))
            {
                if (fields[1] == "00000000" && fields[7] == "00000000" && IsUsable(fields[3]))
                {
                    names.Add(fields[0]);
                }
            }

            // destination length source length next-hop metric references use flags interface
            foreach (var fields in ReadFields("ipv6_route").Where(static f => f.Length >= 10))
            {
                if (fields[0].All(static c => c == '0') && fields[1] == "00" && IsUsable(fields[8]))
                {
                    names.Add(fields[9]);
                }
            }

            return names;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> LowerInterfaces(string name)
    {
        const string Prefix = "lower_";
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Path.Combine(sysClassNet, name), Prefix + "*")
                .Select(static path => Path.GetFileName(path)[Prefix.Length..])];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public string? PciAddress(string name)
    {
        try
        {
            // …/0000:00:03.0/virtio2/net/eth0: the PCI function is the last one on the way to the interface.
            var target = new DirectoryInfo(Path.Combine(sysClassNet, name)).ResolveLinkTarget(returnFinalTarget: true);
            return target?.FullName.Split('/').LastOrDefault(static part => PciFunction().IsMatch(part));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsUsable(string hexFlags) =>
        uint.TryParse(hexFlags, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var flags)
        && (flags & (RouteUp | RouteReject)) == RouteUp;

    private IEnumerable<string[]> ReadFields(string table)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(Path.Combine(procNet, table));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var line in lines)
        {
            yield return line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        }
    }

    [GeneratedRegex(@"^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\z")]
    private static partial Regex PciFunction();
}

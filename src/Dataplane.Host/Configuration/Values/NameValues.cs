using System.Text.RegularExpressions;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>The kinds of names and other plain texts that configuration keys hold.</summary>
internal static partial class NameValues
{
    /// <summary>The name of a port. It also names capture files, so it is kept to what every file system takes.</summary>
    public static ConfigurationValue<string> Port { get; } = new TextValue<string>(
        "a name of up to 32 letters, digits, '.', '_' and '-'",
        static (string text, out string value) =>
        {
            value = text;
            return PortName().IsMatch(text)
                ? null
                : $"{YamlScalar.Quote(text)} is not a name for a port; use 1 to 32 letters, digits, '.', '_' and '-', the first a letter or digit";
        },
        "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$");

    /// <summary>The name of a VRF or of an interface.</summary>
    public static ConfigurationValue<string> Printable { get; } = new TextValue<string>(
        "a name of up to 64 printable characters without spaces",
        static (string text, out string value) =>
        {
            value = text;
            return PrintableName().IsMatch(text)
                ? null
                : $"{YamlScalar.Quote(text)} is not a name; use 1 to 64 printable ASCII characters without spaces";
        },
        "^[!-~]{1,64}$");

    /// <summary>A text for people.</summary>
    public static ConfigurationValue<string> Description { get; } = new TextValue<string>(
        "a text of up to 200 characters",
        static (string text, out string value) =>
        {
            value = text;
            return text.Length is > 0 and <= 200 && !text.AsSpan().ContainsAnyInRange('\0', '\x1F')
                ? null
                : $"{YamlScalar.Quote(text)} is not a description; write one line of up to 200 characters";
        });

    /// <summary>A device for DPDK to drive.</summary>
    public static ConfigurationValue<PortDevice> Device { get; } = new TextValue<PortDevice>(
        "a PCI address such as \"0000:03:00.0\" or a DPDK virtual device such as \"net_af_packet0,iface=eth1\"",
        static (string text, out PortDevice value) => PortDevice.TryParse(text, out value!)
            ? null
            : $"{YamlScalar.Quote(text)} is not a device; write a PCI address such as \"0000:03:00.0\" or a DPDK virtual device such as "
                + $"\"net_af_packet0,iface={(PortName().IsMatch(text) ? text : "eth1")}\"",
        "^([0-9a-fA-F]{1,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7](,.*)?$|^(net_|eth_|virtio_user)[a-z0-9_]*(,.*)?$");

    /// <summary>An argument handed on to DPDK's environment layer.</summary>
    public static ConfigurationValue<string> EalArgument { get; } = new TextValue<string>(
        "a command-line argument of DPDK's EAL",
        static (string text, out string value) =>
        {
            value = text;
            return text.Length == 0 || text.AsSpan().ContainsAnyInRange('\0', '\x1F')
                ? $"{YamlScalar.Quote(text)} cannot be passed as an argument; write one EAL option or one value per entry"
                : OwnEalOption(text);
        });

    /// <summary>EAL options that other keys or the program decide: two masters would contradict each other.</summary>
    private static string? OwnEalOption(string argument)
    {
        var option = argument.Split('=', 2)[0];
        if (option == "--file-prefix")
        {
            return $"the EAL option {option} is chosen by the program, so that several can run at once; remove it";
        }

        var key = option switch
        {
            _ when MatchesShort(option, "-m") => "eal.memory-mib",
            "--socket-mem" or "--socket-limit" => "eal.memory-mib",
            "--no-huge" or "--huge-dir" or "--huge-unlink" or "--in-memory" or "--single-file-segments" or "--legacy-mem" or "--no-shconf" => "eal.huge-pages",
            "--main-lcore" => "eal.main-core",
            "--force-max-simd-bitwidth" => "eal.max-simd-bitwidth",
            _ when MatchesShort(option, "-l") || MatchesShort(option, "-c") => "workers.cores",
            "--lcores" or "--service-cores" or "--service-corelist" => "workers.cores",
            _ when MatchesShort(option, "-a") || MatchesShort(option, "-b") || MatchesShort(option, "-w") => "ports[].device",
            "--allow" or "--block" or "--vdev" or "--no-pci" => "ports[].device",
            _ => null,
        };
        return key is null ? null : $"the EAL option {option} is decided by '{key}'; set that key instead";
    }

    private static bool MatchesShort(string option, string letter) =>
        option.StartsWith(letter, StringComparison.Ordinal);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z")]
    private static partial Regex PortName();

    [GeneratedRegex(@"^[!-~]{1,64}\z")]
    private static partial Regex PrintableName();
}

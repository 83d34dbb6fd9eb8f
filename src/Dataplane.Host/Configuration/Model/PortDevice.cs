using System.Text.RegularExpressions;

namespace Dataplane.Host.Configuration;

/// <summary>A device for DPDK to drive: a PCI function or a virtual device, with the driver's arguments.</summary>
internal sealed partial record PortDevice
{
    private PortDevice(string text, bool isPci, string name, IReadOnlyList<KeyValuePair<string, string>> arguments)
    {
        Text = text;
        IsPci = isPci;
        Name = name;
        Arguments = arguments;
    }

    /// <summary>The whole text: what follows <c>--allow</c> (PCI) or <c>--vdev</c> (virtual). A PCI address has its domain here.</summary>
    public string Text { get; }

    /// <summary>Whether this is a PCI function.</summary>
    public bool IsPci { get; }

    /// <summary>DPDK's name of the device: the PCI address in full and in lower case, or the virtual device's name.</summary>
    public string Name { get; }

    /// <summary>The driver's arguments in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Arguments { get; }

    /// <summary>
    /// The kernel's network interfaces the device works on, as far as its arguments tell: what af_packet, af_xdp and
    /// pcap read from. Not the interface a tap creates nor the socket of a vhost-user device.
    /// </summary>
    public IEnumerable<string> KernelInterfaces => IsPci || CreatesItsInterface().IsMatch(Name)
        ? Arguments.Where(static a => a.Key == "remote").Select(static a => a.Value)
        : Arguments.Where(static a => a.Key is "iface" or "rx_iface" or "rx_iface_in" or "tx_iface" or "remote").Select(static a => a.Value);

    /// <summary>Reads a device.</summary>
    /// <param name="text">A PCI address or a virtual device's name, then arguments behind commas.</param>
    /// <param name="device">The device; null when the text is neither.</param>
    public static bool TryParse(string text, out PortDevice? device)
    {
        device = null;
        var parts = SplitArguments(text);
        var name = parts[0];
        var isPci = PciAddress().IsMatch(name);
        if (isPci)
        {
            name = PciAddress().Replace(name.ToLowerInvariant(), static m =>
                $"{(m.Groups[1].Success ? m.Groups[1].Value : "0").PadLeft(4, '0')}:{m.Groups[2].Value}");
        }
        else if (!VirtualDevice().IsMatch(name))
        {
            return false;
        }

        var arguments = parts.Skip(1).Select(static p => p.Split('=', 2))
            .Select(static p => new KeyValuePair<string, string>(p[0], p.Length > 1 ? p[1] : ""));
        device = new(string.Join(',', [name, .. parts.Skip(1)]), isPci, name, [.. arguments]);
        return true;
    }

    /// <summary>As it goes to DPDK.</summary>
    public override string ToString() => Text;

    /// <summary>Cuts at commas that are not inside brackets or parentheses, as DPDK does.</summary>
    private static List<string> SplitArguments(string text)
    {
        var parts = new List<string>();
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '[' or '(' => 1, ']' or ')' => -1, _ => 0 };
            if (text[i] == ',' && depth <= 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    [GeneratedRegex(@"^(?:([0-9a-fA-F]{1,8}):)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])\z")]
    private static partial Regex PciAddress();

    [GeneratedRegex(@"^(?:net_|eth_|virtio_user)[a-z0-9_]*\z")]
    private static partial Regex VirtualDevice();

    [GeneratedRegex("^(?:net_tap|net_tun|net_vhost|eth_vhost|net_virtio_user|virtio_user)")]
    private static partial Regex CreatesItsInterface();
}

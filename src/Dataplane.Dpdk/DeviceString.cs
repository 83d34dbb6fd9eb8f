using System.Globalization;
using System.Net.NetworkInformation;

namespace Dataplane.Dpdk;

/// <summary>A device with its arguments ("net_pcap0,rx_pcap=in.pcap"): what can be seen wrong, and advice.</summary>
internal static class DeviceString
{
    private const int MaxName = 63;

    /// <exception cref="DpdkException">It cannot name a device.</exception>
    internal static void Check(string device, string name, string arguments)
    {
        if (name.Length is 0 or > MaxName || name.AsSpan().ContainsAny(" /=:") && !PciAddress.IsMatch(name))
            throw new DpdkException(
                $"'{device}' does not name a device. Write a driver with a number and arguments, like net_af_packet0,iface=eth0, or a PCI address like 0000:03:00.0.",
                Errno.Invalid);
        // Drivers say no more than "error 1" about these two.
        if (name.StartsWith("net_pcap", StringComparison.Ordinal) && Text(arguments, "rx_pcap") is { } file && !File.Exists(file))
            throw new DpdkException($"Device '{device}' cannot be attached: the capture {file} does not exist. Give the path of a pcap file.", Errno.NoEntry);
        if (name.StartsWith("net_af_", StringComparison.Ordinal) && Text(arguments, "iface") is { } link && !InterfaceExists(link))
            throw new DpdkException($"Device '{device}' cannot be attached: there is no network interface {link} here. See ip link, in the network namespace of this process.", Errno.NoDevice);
    }

    /// <summary>Asks the kernel and not /sys, which may show another network namespace.</summary>
    private static bool InterfaceExists(string name) =>
        Array.Exists(NetworkInterface.GetAllNetworkInterfaces(), link => link.Name == name);

    /// <summary>What to look at when a driver refuses.</summary>
    internal static string Advice(string name)
    {
        if (PciAddress.IsMatch(name))
            return $"Check that {nameof(EalOptions)}.{nameof(EalOptions.PciDevices)} lists it, that it is bound to vfio-pci and that its driver's package (librte-net-...) is installed.";
        string driver = name.TrimEnd("0123456789".ToCharArray());
        return driver switch
        {
            "net_af_packet" => "Check that iface names an interface of this network namespace and that the process is root; arguments: iface, qpairs, blocksz, framesz, framecnt, qdisc_bypass.",
            "net_af_xdp" => "Check that iface names an interface of this network namespace and that the process is root; arguments: iface, start_queue, queue_count.",
            "net_pcap" => "Check that the captures exist, are in pcap format and can be written; arguments: rx_pcap, tx_pcap, iface, rx_iface, tx_iface, phy_mac, infinite_rx.",
            "net_tap" => "Check that /dev/net/tun is there, the process is root and no interface of that name exists; arguments: iface, mac, remote, persist.",
            "net_vhost" => "Check that the directory of the socket (iface) exists and can be written; arguments: iface, queues, client.",
            "net_virtio_user" => "Check that the other side listens on path and that memory is on huge pages; arguments: path, queues, queue_size, mac, server.",
            "net_memif" => "Check the socket's directory; arguments: role, id, socket, socket-abstract, bsize, rsize, mac, secret, zero-copy.",
            "net_null" or "net_ring" => "Check its arguments, and that the name is not in use.",
            _ => "Check the driver's name, that its package (librte-net-...) is installed, and that the name is not in use.",
        };
    }

    /// <summary>The argument that gives a driver more queues.</summary>
    internal static string QueueArgument(string driver) => driver switch
    {
        "net_af_packet" => "qpairs=N",
        "net_af_xdp" => "queue_count=N",
        "net_virtio_user" or "net_vhost" => "queues=N",
        "net_pcap" => "rx_pcap and tx_pcap once per queue",
        _ => "see its driver",
    };

    internal static string MtuAdvice(PortInformation information) => information.Driver == "net_af_packet"
        ? "The frame size of net_af_packet limits it: give framesz=16384,blocksz=16384 and buffers to match, and check that the interface can."
        : $"The device can do {information.MinMtu} to {information.MaxMtu}.";

    /// <summary>The number that an argument gives, null when it is absent or no number.</summary>
    internal static int? Number(string arguments, string key) =>
        int.TryParse(Text(arguments, key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

    private static string? Text(string arguments, string key)
    {
        foreach (string argument in arguments.Split(','))
            if (argument.StartsWith(key, StringComparison.Ordinal) && argument.Length > key.Length && argument[key.Length] == '=')
                return argument[(key.Length + 1)..];
        return null;
    }
}

using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

public sealed class PortDeviceTests
{
    [Theory]
    [InlineData("0000:03:00.0", true, "0000:03:00.0", "")]
    [InlineData("03:00.0", true, "0000:03:00.0", "")]
    [InlineData("0000:AF:1f.7,representor=[0-3],x=1", true, "0000:af:1f.7", "")]
    [InlineData("net_af_packet0,iface=c0", false, "net_af_packet0", "c0")]
    [InlineData("net_af_xdp_core,iface=c0,start_queue=0", false, "net_af_xdp_core", "c0")]
    [InlineData("net_pcap0,rx_iface=a,tx_iface=b", false, "net_pcap0", "a b")]
    [InlineData("net_pcap0,rx_pcap=in.pcap", false, "net_pcap0", "")]
    [InlineData("net_tap0,iface=vm1", false, "net_tap0", "")]
    [InlineData("net_tap0,iface=vm1,remote=eth1", false, "net_tap0", "eth1")]
    [InlineData("net_vhost0,iface=/run/vm1.sock", false, "net_vhost0", "")]
    [InlineData("virtio_user0,path=/dev/vhost-net,iface=t0", false, "virtio_user0", "")]
    [InlineData("net_null0", false, "net_null0", "")]
    public void KnowsWhatItIsAndWhatItTakes(string text, bool isPci, string name, string kernelInterfaces)
    {
        Assert.True(PortDevice.TryParse(text, out var device));
        Assert.Equal((isPci, name), (device!.IsPci, device.Name));
        Assert.Equal(kernelInterfaces, string.Join(' ', device.KernelInterfaces));
        Assert.StartsWith(name, device.Text, StringComparison.Ordinal);
        Assert.EndsWith(text.Contains(',') ? text[text.IndexOf(',', StringComparison.Ordinal)..] : name, device.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("eth0")]
    [InlineData("0000:03:00")]
    [InlineData("0000:03:00.8")]
    [InlineData("af_packet0,iface=c0")]
    [InlineData("net_af packet0")]
    [InlineData("--vdev=net_null0")]
    public void RefusesEverythingElse(string text) => Assert.False(PortDevice.TryParse(text, out _));
}

using Dataplane.Host.Configuration.Kernel;

namespace Dataplane.Host.Tests.Configuration;

public sealed class LinuxKernelViewTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dataplane-kernel-view-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void FindsDefaultRoutesOfBothFamilies()
    {
        File.WriteAllText(Path.Combine(_root, "route"), """
            Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
            eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
            eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
            tun0	00000000	00000000	0001	0	0	0	00000080	0	0	0
            down0	00000000	010200C0	0002	0	0	0	00000000	0	0	0
            *	00000000	00000000	0201	0	0	0	00000000	0	0	0

            """);
        File.WriteAllText(Path.Combine(_root, "ipv6_route"), """
            fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
            00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003   wlan0
            00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo

            """);
        Assert.Equal(["eth0", "wlan0"], new LinuxKernelView(_root, _root).DefaultRouteInterfaces.Order());
    }

    [Fact]
    public void FindsPciFunctionsAndInterfacesBeneath()
    {
        var device = Directory.CreateDirectory(Path.Combine(_root, "devices/pci0000:00/0000:00:03.0/virtio2/net/eth0")).FullName;
        var bond = Directory.CreateDirectory(Path.Combine(_root, "devices/virtual/net/bond0")).FullName;
        var net = Directory.CreateDirectory(Path.Combine(_root, "class/net")).FullName;
        File.CreateSymbolicLink(Path.Combine(net, "eth0"), device);
        File.CreateSymbolicLink(Path.Combine(net, "bond0"), bond);
        File.CreateSymbolicLink(Path.Combine(bond, "lower_eth0"), device);

        var view = new LinuxKernelView(_root, net);
        Assert.Equal("0000:00:03.0", view.PciAddress("eth0"));
        Assert.Null(view.PciAddress("bond0"));
        Assert.Null(view.PciAddress("missing0"));
        Assert.Equal(["eth0"], view.LowerInterfaces("bond0"));
        Assert.Empty(view.LowerInterfaces("eth0"));
        Assert.Empty(view.LowerInterfaces("missing0"));
    }

    [Fact]
    public void AMachineWithoutTheseFilesHasNothingToLose()
    {
        var view = new LinuxKernelView(Path.Combine(_root, "no"), Path.Combine(_root, "nothing"));
        Assert.Empty(view.DefaultRouteInterfaces);
        Assert.Equal(Environment.ProcessorCount, view.ProcessorCount);
    }
}

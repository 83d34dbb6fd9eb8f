using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>Guests bring their ports with them, and take them away again, while packets pass.</summary>
public sealed class PluggedGuestsTests(PluggedGuests lab) : IClassFixture<PluggedGuests>
{
    [Fact]
    [Trait("Requirement", "AGT-02")]
    [Trait("Requirement", "AGT-09")]
    [Trait("Requirement", "FWD-03")]
    public void PortsComeAndGoWithTheirGuests()
    {
        AttachAndReach();
        RefuseWhatIsWrong();
        DetachAndAttachAgain();
        RestartAndReach();
    }

    private void AttachAndReach()
    {
        JsonElement attached = lab.Attach("g1", lab.One, 1);
        Assert.Equal(("g1", "net_af_packet1,iface=g1"), (attached.GetProperty("port").GetString(), attached.GetProperty("device").GetString()));
        _ = lab.Attach("g2", lab.Two, 2);
        lab.WaitForPorts("core", "g1", "g2");
        Reaches(lab.One, lab.Two.Address4);
        Reaches(lab.Two, lab.One.Address6);
        Exposition metrics = lab.Host.Metrics();
        Assert.True(metrics.Sum("dataplane_port_rx_packets_total", ("port", "g1")) > 0);
        Assert.True(metrics.Sum("dataplane_port_tx_packets_total", ("port", "g1")) > 0);
        Assert.Equal("200", lab.Host.StatusOf("/readyz") is { } status ? $"{(int)status}" : "none");
    }

    private void RefuseWhatIsWrong()
    {
        Refuses("there is a port g1 already, with device net_af_packet1,iface=g1; detach it first|is on net_af_packet1,iface=g1; detach it first",
            "attach", "g1", "--vpn", "red", "--device", "net_af_packet7,iface=g2");
        Refuses("is that of port g1", "attach", "x", "--vpn", "red", "--device", "net_af_packet7,iface=g1");
        Refuses("'nonsense' is no device such as net_tap3,iface=tap3", "attach", "x", "--vpn", "red", "--device", "nonsense");
        Refuses("is in the place of 'port': give one of them", "attach", "x", "--vpn", "red", "--device", "net_tap7", "--port", "core");
        Refuses("PCI device: it is bound at the start", "attach", "x", "--vpn", "red", "--device", "0000:03:00.1");
        Refuses("cannot be attached", "attach", "x", "--vpn", "red", "--device", "net_af_packet7,iface=nowhere");
        Refuses("no room for another port: at most 3", "attach", "x", "--vpn", "red", "--device", "net_ring7");
        lab.WaitForPorts("core", "g1", "g2");
        Reaches(lab.One, lab.Two.Address4);
    }

    private void DetachAndAttachAgain()
    {
        _ = lab.Agent("detach", "g2");
        lab.WaitForPorts("core", "g1");
        Assert.Equal(0, lab.One.PingInVain(lab.Two.Address4));

        // The row serves another device now, and begins to count from zero; the old device is free.
        _ = lab.Agent("attach", "tap", "--vpn", "red", "--device", "net_ring7");
        lab.WaitForPorts("core", "g1", "tap");
        Assert.Equal(0, lab.Host.Metrics().Sum("dataplane_port_rx_packets_total", ("port", "tap")));
        _ = lab.Agent("detach", "tap");
        lab.WaitForPorts("core", "g1");
        _ = lab.Attach("g2", lab.Two, 2);
        Reaches(lab.One, lab.Two.Address4);
        Reaches(lab.Two, lab.One.Address6);
    }

    private void RestartAndReach()
    {
        lab.Host.Process.Kill();
        lab.Host.Process.WaitForExit();
        lab.Start();
        lab.WaitForPorts("core", "g1", "g2");
        Reaches(lab.One, lab.Two.Address4);
        Assert.Equal(0, lab.Host.Terminate());
    }

    private void Refuses(string reason, params string[] arguments)
    {
        CommandResult refused = lab.TryAgent(arguments);
        Assert.Equal(1, refused.ExitCode);
        Assert.True(reason.Split('|').Any(one => refused.Error.Contains(one, StringComparison.Ordinal)), refused.Error);
    }

    private void Reaches(Guest from, string address)
    {
        Wait.Until($"{address} to answer\n{lab.Logs}", () => from.Ping(address, 1).Received == 1);
        from.RequireReach(address, () => lab.Logs);
    }
}

using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Forwarding.Tests.Pipeline;

/// <summary>
/// Packets are checked eight at a time where all are plain. One packet among plain ones is changed in one byte at a time; the
/// network compares every outcome with the model.
/// </summary>
public sealed class LaneTests
{
    private const int Burst = 19;
    private static readonly byte[] Changes = [0x00, 0x01, 0x7F, 0x80, 0xA9, 0xE0, 0xFF];

    public static TheoryData<string> Kinds() => ["tagged", "through-udp", "local", "tagged6", "gre", "udp", "gre6", "aggregate", "ip"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_odd_packet_among_plain_ones_is_treated_as_the_model_says(string kind)
    {
        using var network = new TestNetwork();
        (PortId port, byte[] plain) = Plain(network, kind);
        int header = Math.Min(plain.Length, 70);
        for (int at = 0; at < header; at++)
        {
            foreach (byte change in Changes)
            {
                byte[][] frames = [.. Enumerable.Range(0, Burst).Select(_ => (byte[])plain.Clone())];
                int lane = (at * Changes.Length + change) % Burst;
                frames[lane][at] = change;
                BurstResult result = network.Receive(port, frames);
                Assert.All(result.Outcomes.Where((_, i) => i != lane), outcome => Assert.Equal(Exit.Transmitted, outcome.Exit));
            }
        }
        network.RequireCounters();
    }

    /// <summary>Whatever the number of packets and wherever the odd one, the others are forwarded, in their order.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Bursts_of_every_size_with_an_odd_packet_at_every_place(string kind)
    {
        using var network = new TestNetwork();
        (PortId port, byte[] plain) = Plain(network, kind);
        byte[] truncated = plain[..^20];
        for (int count = 1; count <= 26; count++)
        {
            for (int odd = 0; odd < count; odd++)
            {
                byte[][] frames = [.. Enumerable.Range(0, count).Select(i => (byte[])(i == odd ? truncated : plain).Clone())];
                Assert.Equal(count - 1, network.Receive(port, frames).Outcomes.Count(outcome => outcome.Exit == Exit.Transmitted));
            }
        }
        network.RequireCounters();
    }

    private static (PortId Port, byte[] Frame) Plain(TestNetwork network, string kind)
    {
        byte[] up = Build.Udp(TestNetwork.Vm1, TestNetwork.Remote4);
        byte[] up6 = Build.Udp(TestNetwork.Vm1V6, TestNetwork.Remote6);
        byte[] down = Build.Udp(TestNetwork.Remote4, TestNetwork.Vm1);
        byte[] down6 = Build.Udp(TestNetwork.Remote6, TestNetwork.Vm1V6);
        // The outer source port shows the flow hash.
        if (kind == "through-udp")
            Assert.True(network.Route(network.Blue, TestNetwork.Remote4 + "/32", new TunnelId(2 * (uint)Encapsulation.MplsInUdp), 70000));
        return kind switch
        {
            "tagged" or "through-udp" => (network.Access, TestNetwork.FromVm1(up)),
            "local" => (network.Local, Build.Ethernet(Build.Virtual4, TestNetwork.Host1, 0x0800, Build.Udp("192.0.2.10", "192.0.2.40"))),
            "tagged6" => (network.Access, TestNetwork.FromVm1(up6)),
            "gre" => (network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, down))),
            "udp" => (network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInUdp, false, TestNetwork.Vm1Label, down))),
            "gre6" => (network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.Vm1Label, down6))),
            "aggregate" => (network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInGre, false, TestNetwork.BlueLabel, down))),
            _ => (network.Core, TestNetwork.OnCore(TestNetwork.Tunnelled(Encapsulation.MplsInIp, false, TestNetwork.Vm1Label, down))),
        };
    }
}

using Dataplane.Dpdk;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Tests.Forwarding;

public sealed class PacketBuffersTests
{
    [Theory]
    [InlineData("mtu: 1500", 2048)]
    [InlineData("mtu: 9000", 9024)] // 9000 + 14 + two tags, to the next 64
    [InlineData("mtu: 1500, device: \"net_af_packet1,iface=a,framesz=16384,blocksz=16384\"", 16384)]
    public void ABufferHoldsTheLongestFrame(string port, int payload)
    {
        var configuration = ForwarderSample.Load($$"""
            roles: [forwarder]
            ports:
              - { name: core0, role: core, addresses: [203.0.113.17/24] }
              - { name: acc0, role: access, {{port}} }
            infrastructure: { address: 203.0.113.17 }
            """);
        Assert.Equal(payload + Mbuf.DefaultHeadroom, PacketBuffers.DataRoom(configuration));
    }
}

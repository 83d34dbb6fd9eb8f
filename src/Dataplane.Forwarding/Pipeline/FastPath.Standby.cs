using System.Runtime.CompilerServices;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Pipeline;

/// <content>Access ports with an election: VRRP to the slow path, and hosts that another forwarder serves (EXT-10).</content>
internal static unsafe partial class FastPath
{
    private const uint Vrrp4GroupWire = 0x1200_00E0;
    private const ulong Vrrp6GroupWireHigh = 0x02FF;
    private const ulong Vrrp6GroupWireLow = 0x1200_0000_0000_0000;

    // Input of a port on standby for a family at least: frame by frame, most are dropped.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StandbyInput(WorkerBlock* worker, uint port, Mbuf** frames, int count)
    {
        PacketCount* received = worker->Counters.PortRx + port;
        received->Packets += (uint)count;
        nint passed = 0;
        for (int i = 0; i < count; i++)
        {
            received->Bytes += frames[i]->PktLen;
            passed = AccessException(worker, port, frames[i], passed);
        }
        worker->Columns->Count = (int)passed;
    }

    // VRRP to its group, of either family.
    private static bool IsElection(byte* ip, uint available, ushort etherType) => etherType switch
    {
        WireIpv4 => available >= HeaderSize.Ipv4 && ip[9] == IpProtocol.Vrrp && *(uint*)(ip + 16) == Vrrp4GroupWire,
        WireIpv6 => available >= HeaderSize.Ipv6 && ip[6] == IpProtocol.Vrrp
            && *(ulong*)(ip + 24) == Vrrp6GroupWireHigh && *(ulong*)(ip + 32) == Vrrp6GroupWireLow,
        _ => false,
    };

    private static void PuntElection(WorkerBlock* worker, Mbuf* buffer, uint port, uint l3Offset)
    {
        if (!TakeBudget(worker, (uint)worker->Root->InterfaceCapacity + port))
        {
            Drop(worker, buffer, DropReason.PuntRateLimited);
            return;
        }
        Punt(worker, buffer, new PuntTag
        {
            Reason = PuntReason.Vrrp,
            Port = (ushort)port,
            Interface = uint.MaxValue,
            OutInterface = uint.MaxValue,
            Vrf = uint.MaxValue,
            Tunnel = uint.MaxValue,
            L3Offset = (ushort)l3Offset,
        });
    }
}

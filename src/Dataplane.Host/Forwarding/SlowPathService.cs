using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.SlowPath;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// The slow path with its tables filled: takes what was punted, and the passing of time. Owner thread: one, and it is the
/// only one that changes the datapath while workers run.
/// </summary>
internal sealed class SlowPathService
{
    private readonly PuntReceiver _punts;

    /// <summary>Puts it together; nothing is sent yet.</summary>
    /// <param name="tables">The datapath.</param>
    /// <param name="punts">Where punted packets come from.</param>
    /// <param name="injector">Where packets go to.</param>
    /// <param name="time">The clock of its timers and budgets.</param>
    public SlowPathService(ForwardingTables tables, PuntReceiver punts, PacketInjector injector, TimeProvider time)
    {
        _punts = punts;
        Tables = tables;
        LimitsConfiguration limits = tables.Configuration.Limits;
        Processor = new SlowPathProcessor(
            new DatapathPorts(tables, injector),
            new SlowPathOptions { IcmpRate = limits.IcmpRate, HeldPacketsPerNeighbor = limits.HeldPackets },
            time);
        tables.Changed = live => Processor.InterfaceChanged(live.Id);
    }

    /// <summary>The logic, with its counters and timers.</summary>
    public SlowPathProcessor Processor { get; }

    /// <summary>The datapath it writes.</summary>
    public ForwardingTables Tables { get; }

    /// <summary>Publishes the configured underlay neighbours and asks for those that tunnels need.</summary>
    public void Start()
    {
        IReadOnlyList<PortConfiguration> ports = Tables.Configuration.Ports;
        for (int row = 0; row < ports.Count; row++)
        {
            foreach (StaticNeighbor neighbor in ports[row].Neighbors)
                Processor.UnderlayNeighbors.AddStatic(new PortId((ushort)row), neighbor.Address, neighbor.Mac);
        }
        foreach (UnderlayHop way in Tables.Remotes.Select(static remote => remote.Way).OfType<UnderlayHop>().Distinct())
            Processor.UnderlayNeighbors.Require(way.Port, way.NextHop);
        Processor.Elections.Start([.. Elections.Of(Tables.Configuration)]);
    }

    /// <summary>Handles the next punted packet.</summary>
    /// <param name="arrived">Called with the packet's time of reception (in the driver's unit, 0 when unknown) before it is
    /// handled; null when nobody asks.</param>
    /// <returns>False when nothing waits.</returns>
    public bool HandleNext(Action<ulong>? arrived = null)
    {
        if (!_punts.TryReceive(out PuntTag tag, out ReadOnlySpan<byte> frame, out ulong time))
            return false;
        arrived?.Invoke(time);
        Processor.Handle(new PuntedPacket
        {
            Reason = tag.Reason,
            Origin = tag.FromCore != 0 ? PacketOrigin.Core : PacketOrigin.Access,
            Port = new PortId(tag.Port),
            Interface = new InterfaceId(tag.Interface),
            TargetInterface = new InterfaceId(tag.OutInterface),
            KeepTtl = tag.KeepTtl != 0,
            Vrf = new VrfId(tag.Vrf),
            Tunnel = new TunnelId(tag.Tunnel),
            NextHopMtu = tag.Mtu,
            L3Offset = tag.L3Offset,
            Frame = frame,
        });
        return true;
    }
}

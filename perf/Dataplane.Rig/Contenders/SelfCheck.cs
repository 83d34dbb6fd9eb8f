using System.Buffers.Binary;
using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Net;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Contenders;

/// <summary>
/// Before anything is measured, both contenders forward the capture once, into files: same frames, byte for byte, and same
/// counters, or the comparison would be between different jobs. Each has a flow hash of its own, so that what follows from it
/// is left out: the source port of MPLS-over-UDP, and which member of a group a flow takes, though it must be one.
/// </summary>
internal static class SelfCheck
{
    private const double MostSeconds = 20;

    /// <summary>Does it.</summary>
    /// <exception cref="InvalidOperationException">They differ; the message says where.</exception>
    internal static void Run(Devices devices, Topology topology, ProductDatapath product, IWorkerRuntime runtime, CPeer peer, IReadOnlyList<byte[]> frames)
    {
        string capture = devices.NewPath("pcap");
        CaptureFile.Write(capture, frames);
        List<byte[]> ours = Record(devices, capture, (rx, tx) => RunProduct(devices, product, runtime, rx, tx, frames.Count));
        List<byte[]> theirs = Record(devices, capture, (rx, tx) =>
        {
            var thread = new Thread(() => CLoop.RunOnce(peer, rx, tx, devices.WorkerCpu, MostSeconds, (ulong)frames.Count));
            PeerLibrary.ResetCounters(peer.Handle);
            thread.Start();
            thread.Join();
        });
        File.Delete(capture);
        DatapathCounters counters = product.Datapath.ReadCounters();
        if (counters.Received.Dropped + counters.Received.Punted != 0)
        {
            throw new InvalidOperationException($"self-check: ours dropped {counters.Received.Dropped} and punted {counters.Received.Punted} of "
                + $"{counters.Received.Rx} packets");
        }
        ours.ForEach(frame => HideHash(frame, topology));
        theirs.ForEach(frame => HideHash(frame, topology));
        RequireEqualFrames(ours, theirs, frames.Count);
        RequireEqualCounters(counters, product, peer, byTunnel: topology.Groups.Count == 0);
    }

    /// <summary>Holds what two sides sent against each other. Order counts within equal lengths of time only as far as a
    /// burst: the frames are compared as a multiset.</summary>
    internal static void RequireEqualFrames(IReadOnlyList<byte[]> ours, IReadOnlyList<byte[]> theirs, int expected)
    {
        if (ours.Count != expected || theirs.Count != expected)
            throw new InvalidOperationException($"self-check: of {expected} frames ours sent {ours.Count} and the C peer {theirs.Count}");
        var left = new Dictionary<string, int>();
        foreach (byte[] frame in theirs)
        {
            string key = Convert.ToHexStringLower(frame);
            left[key] = left.GetValueOrDefault(key) + 1;
        }
        for (int i = 0; i < ours.Count; i++)
        {
            string key = Convert.ToHexStringLower(ours[i]);
            if (!left.TryGetValue(key, out int count) || count == 0)
            {
                throw new InvalidOperationException(
                    $"self-check: the C peer did not send our frame {i}\n  ours   {key}\n  theirs {Convert.ToHexStringLower(theirs[i])}");
            }
            left[key] = count - 1;
        }
    }

    /// <summary>Blanks what follows from the flow hash.</summary>
    /// <exception cref="InvalidOperationException">A packet for a group went to none of its members.</exception>
    internal static void HideHash(byte[] frame, Topology topology)
    {
        const int Outer = HeaderSize.Ethernet;
        const int Payload = Outer + HeaderSize.Ipv4;
        if (topology.Direction == Direction.Decapsulate || frame.Length < Payload + HeaderSize.Gre + HeaderSize.Mpls)
            return;
        if (frame[Outer + 9] == IpProtocol.Udp)
            frame.AsSpan(Payload, 2).Clear();
        if (topology.Groups.Count == 0)
            return;
        Span<byte> remote = frame.AsSpan(Outer + 16, 4);
        Span<byte> label = frame.AsSpan(Payload + (frame[Outer + 9] == IpProtocol.Udp ? HeaderSize.Udp : HeaderSize.Gre), HeaderSize.Mpls);
        var member = (Ipv4Address.Read(remote), BinaryPrimitives.ReadUInt32BigEndian(label) >> 12);
        if (!topology.Groups.Any(group => group.Any(one => (topology.Tunnels[one.Tunnel].Remote, one.Label) == member)))
            throw new InvalidOperationException($"self-check: {member.Item1} with label {member.Item2} is in no group");
        remote.Clear();
        label[..3].Clear();
        frame.AsSpan(Outer + 10, 2).Clear();
    }

    private static void RunProduct(Devices devices, ProductDatapath product, IWorkerRuntime runtime, EthernetPort rx, EthernetPort tx, int frames)
    {
        product.Connect(rx, tx);
        using var worker = new RunningWorker(runtime, product.CreateWorker(devices.WorkerCpu));
        long start = Stopwatch.GetTimestamp();
        while (worker.Received.Rx < (ulong)frames && Stopwatch.GetElapsedTime(start).TotalSeconds < MostSeconds)
            Thread.Sleep(1);
    }

    private static List<byte[]> Record(Devices devices, string capture, Action<EthernetPort, EthernetPort> run)
    {
        string result = devices.NewPath("pcap");
        using (EthernetPort rx = devices.OpenOnce(capture))
        using (EthernetPort tx = devices.OpenRecorder(result))
            run(rx, tx);
        List<byte[]> frames = CaptureFile.Read(result);
        File.Delete(result);
        return frames;
    }

    private static void RequireEqualCounters(DatapathCounters ours, ProductDatapath product, CPeer peer, bool byTunnel)
    {
        Compare("port rx", [ours.PortRx[product.RxPort.Value]], PeerLibrary.Column.PortRx);
        Compare("port tx", [ours.PortTx[product.TxPort.Value]], PeerLibrary.Column.PortTx);
        Compare("interface rx", ours.InterfaceRx, PeerLibrary.Column.InterfaceRx);
        Compare("interface tx", ours.InterfaceTx, PeerLibrary.Column.InterfaceTx);
        Compare("encapsulated by VRF", ours.VrfEncapsulated, PeerLibrary.Column.VrfEncapsulated);
        Compare("decapsulated by VRF", ours.VrfDecapsulated, PeerLibrary.Column.VrfDecapsulated);
        Compare("local by VRF", ours.VrfLocal, PeerLibrary.Column.VrfLocal);
        if (byTunnel)
            Compare("tunnel", ours.Tunnels, PeerLibrary.Column.Tunnel);
        Compare("interface label", ours.InterfaceLabels, PeerLibrary.Column.InterfaceLabel);
        Compare("aggregate label", ours.AggregateLabels, PeerLibrary.Column.AggregateLabel);

        void Compare(string what, PacketCount[] column, PeerLibrary.Column theirs)
        {
            PeerLibrary.Count[] rows = peer.Read(theirs);
            for (int i = 0; i < column.Length; i++)
            {
                PeerLibrary.Count row = i < rows.Length ? rows[i] : default;
                if (row.Packets != column[i].Packets || row.Bytes != column[i].Bytes)
                {
                    throw new InvalidOperationException($"self-check: counter \"{what}\", row {i}: ours {column[i].Packets} packets and "
                        + $"{column[i].Bytes} bytes, the C peer {row.Packets} and {row.Bytes}");
                }
            }
        }
    }
}

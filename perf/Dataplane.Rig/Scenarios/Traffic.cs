using System.Buffers.Binary;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Rig.Scenarios;

/// <summary>
/// The frames of a workload: all different, drawn at random from its routes or guests by a seed. A tenant's packet is UDP
/// from and to random ports, with correct checksums; from the core it comes as the remote forwarder would have sent it.
/// </summary>
internal static class Traffic
{
    private const ushort FirstPort = 1024;
    private const int RemoteHosts = 1000;
    private const int OuterBytes = HeaderSize.Ethernet + HeaderSize.Ipv4;
    private const int TagBytes = HeaderSize.Ethernet + HeaderSize.Vlan;

    private static readonly MacAddress VirtualMac4 = MacAddress.Parse("00:00:5e:00:01:01");
    private static readonly MacAddress VirtualMac6 = MacAddress.Parse("00:00:5e:00:02:01");

    /// <summary>Makes the frames.</summary>
    /// <param name="workload">Sizes and who talks.</param>
    /// <param name="topology">Its network.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same frames.</param>
    internal static List<byte[]> Make(Workload workload, Topology topology, int count, int seed)
    {
        var random = new Random(seed);
        var frames = new List<byte[]>(count);
        var seen = new HashSet<(int Whom, uint Ports)>(count);
        int busyVrfs = workload.BusyVrfs ?? topology.Vrfs;
        int choices = topology.Direction == Direction.Encapsulate
            ? (int)((long)topology.Routes.Length * busyVrfs / topology.Vrfs) : topology.Attachments.Count;
        int[] sizes = Shuffled(workload.TenantFrameBytes, count, random);
        while (frames.Count < count)
        {
            int whom = random.Next(choices);
            uint ports = (uint)random.Next(FirstPort, 65536) << 16 | (uint)random.Next(FirstPort, 65536);
            if (!seen.Add((whom, ports)))
                continue;
            int packetBytes = sizes[frames.Count] - TagBytes;
            frames.Add(topology.Direction == Direction.Encapsulate
                ? FromTenant(topology, topology.Routes[whom], ports, packetBytes)
                : FromCore(topology, topology.Attachments[whom], random, ports, packetBytes));
        }
        return frames;
    }

    private static byte[] FromTenant(Topology topology, HostRoute route, uint ports, int packetBytes)
    {
        // Routes of a VRF belong to its first attachment: row and VRF have the same number in encapsulating topologies.
        Attachment from = topology.Attachments[route.Vrf];
        var frame = new byte[TagBytes + packetBytes];
        bool v6 = route.Destination.IsV6;
        (v6 ? VirtualMac6 : VirtualMac4).CopyTo(frame);
        from.Mac.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Vlan);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14), from.Vlan);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), v6 ? EtherType.Ipv6 : EtherType.Ipv4);
        WritePacket(frame.AsSpan(TagBytes), from.Address, route.Destination, ports);
        return frame;
    }

    private static byte[] FromCore(Topology topology, Attachment to, Random random, uint ports, int packetBytes)
    {
        RemoteTunnel tunnel = topology.Tunnels[random.Next(topology.Tunnels.Count)];
        bool udp = tunnel.Encapsulation == Encapsulation.MplsInUdp;
        int shim = (udp ? HeaderSize.Udp : HeaderSize.Gre) + HeaderSize.Mpls;
        var frame = new byte[OuterBytes + shim + packetBytes];
        Topology.CoreMac.CopyTo(frame);
        Topology.NeighborMac.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), EtherType.Ipv4);
        Span<byte> outer = frame.AsSpan(HeaderSize.Ethernet);
        WriteIpv4(outer, udp ? IpProtocol.Udp : IpProtocol.Gre, tunnel.Remote, Topology.TunnelEnd, dontFragment: true);
        Span<byte> payload = outer[HeaderSize.Ipv4..];
        if (udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)(0xC000 | random.Next(0x4000)));
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], UdpPort.MplsInUdp);
            BinaryPrimitives.WriteUInt16BigEndian(payload[4..], (ushort)payload.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], EtherType.Mpls);
        }
        BinaryPrimitives.WriteUInt32BigEndian(payload[(shim - HeaderSize.Mpls)..], to.Label << 12 | 0x100 | Topology.Ttl);
        WritePacket(payload[shim..], Catalogue.Host(random.Next(RemoteHosts), to.Address.IsV6), to.Address, ports);
        return frame;
    }

    private static void WritePacket(Span<byte> packet, IpAddress source, IpAddress destination, uint ports)
    {
        Span<byte> udp;
        uint pseudo;
        if (source.IsV6)
        {
            packet[0] = 0x60;
            udp = packet[HeaderSize.Ipv6..];
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)udp.Length);
            packet[6] = IpProtocol.Udp;
            packet[7] = Topology.Ttl;
            source.CopyTo(packet[8..]);
            destination.CopyTo(packet[24..]);
            pseudo = InternetChecksum.Sum(packet[8..HeaderSize.Ipv6], IpProtocol.Udp + (uint)udp.Length);
        }
        else
        {
            WriteIpv4(packet, IpProtocol.Udp, source.V4, destination.V4, dontFragment: false);
            udp = packet[HeaderSize.Ipv4..];
            pseudo = InternetChecksum.Sum(packet[12..HeaderSize.Ipv4], IpProtocol.Udp + (uint)udp.Length);
        }
        BinaryPrimitives.WriteUInt32BigEndian(udp, ports);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        ushort checksum = InternetChecksum.Compute(udp, pseudo);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
    }

    private static void WriteIpv4(Span<byte> packet, byte protocol, Ipv4Address source, Ipv4Address destination, bool dontFragment)
    {
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[6] = (byte)(dontFragment ? 0x40 : 0);
        packet[8] = Topology.Ttl;
        packet[9] = protocol;
        source.CopyTo(packet[12..]);
        destination.CopyTo(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Compute(packet[..HeaderSize.Ipv4]));
    }

    // Exact shares, random order.
    private static int[] Shuffled(IReadOnlyList<int> pattern, int count, Random random)
    {
        var sizes = new int[count];
        for (int i = 0; i < count; i++)
            sizes[i] = pattern[i % pattern.Count];
        random.Shuffle(sizes);
        return sizes;
    }
}

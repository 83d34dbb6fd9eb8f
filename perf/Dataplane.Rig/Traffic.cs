using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Rig;

/// <summary>Frames for the rig, written as a classic pcap that net_pcap replays in a loop.</summary>
internal static class Traffic
{
    internal const int Vrfs = 64;
    internal const int RoutesPerVrf = 1000;

    /// <summary>Shortest Ethernet frame without FCS: 64 bytes on the wire.</summary>
    internal const int FrameBytes = 60;

    internal static ushort Vlan(int vrf) => (ushort)(100 + vrf);

    internal static Ipv4Address Guest(int vrf) => new(0x0A000001u + (uint)vrf);

    internal static Ipv4Address Destination(int route) => new(0xC0A80000u + (uint)route);

    internal static readonly MacAddress GuestMac = MacAddress.Parse("02:aa:10:c0:ff:ee");

    /// <summary>Writes <paramref name="packets"/> different 64-byte frames: VLAN, IPv4, UDP, over all VRFs and routes.</summary>
    internal static void Write(string path, int packets, int seed)
    {
        var random = new Random(seed);
        using var file = new BinaryWriter(File.Create(path));
        file.Write([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0]);
        var frame = new byte[FrameBytes];
        for (int i = 0; i < packets; i++)
        {
            Build(frame, random.Next(Vrfs), random.Next(RoutesPerVrf), (ushort)random.Next(1024, 65536));
            file.Write(i / 1_000_000);
            file.Write(i % 1_000_000);
            file.Write(FrameBytes);
            file.Write(FrameBytes);
            file.Write(frame);
        }
    }

    private static void Build(Span<byte> frame, int vrf, int route, ushort sourcePort)
    {
        frame.Clear();
        MacAddress.Parse("00:00:5e:00:01:01").CopyTo(frame);
        GuestMac.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherType.Vlan);
        BinaryPrimitives.WriteUInt16BigEndian(frame[14..], Vlan(vrf));
        BinaryPrimitives.WriteUInt16BigEndian(frame[16..], EtherType.Ipv4);
        Span<byte> ip = frame[18..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        ip[8] = 64;
        ip[9] = IpProtocol.Udp;
        Guest(vrf).CopyTo(ip[12..]);
        Destination(route).CopyTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Compute(ip[..HeaderSize.Ipv4]));
        Span<byte> udp = ip[HeaderSize.Ipv4..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], 9);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
    }
}

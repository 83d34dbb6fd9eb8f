using System.Buffers.Binary;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Frames;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>A frame and where its parts begin, for mutations that know what they hit.</summary>
/// <param name="Bytes">The frame.</param>
/// <param name="Headers">Offsets of its IP headers, the outermost first.</param>
internal sealed record MadeFrame(byte[] Bytes, int[] Headers);

/// <summary>Frames as guests and the core send them: every header valid, every choice among many that matter.</summary>
internal sealed class FrameSource(Random random)
{
    private static readonly string[] Addresses4 =
    [
        // Reached in blue and red, then in green, then elsewhere.
        TestNetwork.Vm1, TestNetwork.Vm2, TestNetwork.Remote4, "198.51.100.41", "198.51.100.42", "198.51.100.43", "198.51.100.44", "198.51.100.45",
        "192.0.2.10", "192.0.2.40", "192.0.2.41", "192.0.2.43", "192.0.2.64", "192.0.2.127", "192.0.2.200", "10.9.0.1",
        "198.51.100.1", "198.51.100.77", "198.51.100.200", "192.0.2.45", "192.0.2.100", "192.0.2.128", "10.9.255.254", "10.8.1.2", "11.0.0.1", "169.254.0.1", "169.254.9.9",
        "127.0.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.5", "239.255.255.255", "240.0.0.1", "255.255.255.255", TestNetwork.Us4, "8.8.8.8",
    ];

    private static readonly string[] Addresses6 =
    [
        TestNetwork.Vm1V6, TestNetwork.Vm2V6, TestNetwork.Remote6, "2001:db8:1::41", "2001:db8:1::42", "2001:db8:1::43", "2001:db8:1::44", "2001:db8:1::45",
        "2001:db8:3::10", "2001:db8:3::40", "2001:db8:3::41", "2001:db8:3::43", "2001:db8:3:1::1", "2001:db8:3:1:ffff:ffff:ffff:ffff", "2001:db8:3::200", "2001:db8:3::45",
        "2001:db8:1::1", "2001:db8:1::77", "2001:db8:3:1::2", "2001:db8:3::beef", "fe80::1", "fe80::25", "fe80::2", "febf:ffff::1", "::", "::1",
        "ff02::1", "ff0e::1234", "::2", TestNetwork.Us6, "2001:db9::1",
    ];

    private static readonly uint[] Labels =
    [
        TestNetwork.Vm1Label, TestNetwork.Vm2Label, TestNetwork.Vm3Label, TestNetwork.LocalLabel, TestNetwork.GuestLabel,
        TestNetwork.QinQLabel, TestNetwork.BlueLabel, TestNetwork.GreenLabel, TestNetwork.BlueLabel, TestNetwork.GreenLabel,
        TestNetwork.BlueLabel, TestNetwork.GreenLabel, TestNetwork.Vm1Label, TestNetwork.GuestLabel, 0, 2, 1, 16,
        0xFFFFF, 61200,
    ];

    private static readonly int[] Sizes = [0, 1, 3, 4, 7, 8, 20, 31, 32, 33, 46, 63, 64, 65, 100, 255, 512, 1200, 1372, 1373, 1400];

    private static readonly byte[] Ttls = [0, 1, 2, 3, 64, 64, 64, 64, 64, 64, 64, 64, 64, 128, 255];

    /// <summary>A frame for an access or local port, of an interface that is there more often than not.</summary>
    internal MadeFrame ForAccess(int port)
    {
        int sender = random.Next(12) == 0 ? random.Next(7) : port switch { 1 => random.Next(4), 2 => random.Next(4, 6), _ => 6 };
        (string mac, (ushort, ushort)[] tags, string own4, string own6) = sender switch
        {
            0 or 1 => (TestNetwork.Host1, Tags(317), TestNetwork.Vm1, TestNetwork.Vm1V6),
            2 => (TestNetwork.Host2, Tags(318), TestNetwork.Vm2, TestNetwork.Vm2V6),
            3 => (TestNetwork.Host2, Tags(317), TestNetwork.Vm1, TestNetwork.Vm1V6),
            4 => ("02:00:00:00:03:64", Tags(100), "192.0.2.100", "2001:db8:3:1::77"),
            5 => (TestNetwork.Host1, [(0x88A8, 200), (0x8100, 7)], "192.0.2.200", "2001:db8:3::200"),
            _ => ("02:00:00:00:03:10", Tags(0), "192.0.2.10", "2001:db8:3::10"),
        };
        bool v6 = random.Next(2) == 0;
        string destinationMac = random.Next(24) switch
        {
            0 => "ff:ff:ff:ff:ff:ff",
            1 => "33:33:00:00:00:16",
            2 => Build.Virtual4,
            3 => Build.Virtual6,
            4 => "02:00:00:00:00:99",
            _ => v6 ? Build.Virtual6 : Build.Virtual4,
        };
        int choice = random.Next(40);
        if (choice == 0)
            return Made(Build.Ethernet(destinationMac, mac, 0x0806, Build.ArpRequest(mac, own4, Pick(Addresses4)), tags));
        if (choice == 1)
            return Made(Build.Ethernet(destinationMac, mac, (ushort)random.Next(65536), Noise(random.Next(80)), tags));
        byte[] packet = Packet(v6, port != 1, random.Next(8) == 0 ? null : v6 ? own6 : own4);
        ushort etherType = random.Next(50) == 0 ? (ushort)(v6 ? 0x0800 : 0x86DD) : TestNetwork.EtherTypeOf(packet);
        return Made(Build.Ethernet(destinationMac, mac, etherType, packet, tags), 14 + 4 * tags.Length);
    }

    /// <summary>A frame for a core port.</summary>
    internal MadeFrame ForCore(int port)
    {
        string mac = random.Next(30) switch { 0 => "ff:ff:ff:ff:ff:ff", 1 => "02:00:00:00:00:99", _ => port == 0 ? TestNetwork.CoreMac : TestNetwork.Core2Mac };
        bool outer6 = random.Next(2) == 0;
        var encapsulation = (Encapsulation)random.Next(3);
        string remote = (random.Next(10), outer6) switch
        {
            (0, false) => Pick(Addresses4),
            (0, true) => Pick(Addresses6),
            (_, false) => $"203.0.113.{40 + random.Next(3)}",
            (_, true) => $"2001:db8:f::4{random.Next(3)}",
        };
        string us = (random.Next(16), outer6) switch
        {
            (0, false) => TestNetwork.Other4,
            (0, true) => TestNetwork.Other6,
            (1, false) => Pick(Addresses4),
            (1, true) => Pick(Addresses6),
            (_, false) => TestNetwork.Us4,
            (_, true) => TestNetwork.Us6,
        };
        int choice = random.Next(40);
        if (choice == 0)
            return Made(Build.Ethernet(mac, TestNetwork.NeighborMac, 0x0806, Build.ArpRequest(TestNetwork.NeighborMac, "203.0.113.1", TestNetwork.Us4)));
        if (choice == 1)
            return Made(Build.Ethernet(mac, TestNetwork.NeighborMac, (ushort)random.Next(65536), Noise(random.Next(80))));
        byte[] outer;
        int inner = 0;
        if (choice < 5)
        {
            byte[] message = [(byte)(random.Next(2) == 0 ? random.Next(130, 140) : random.Next(256)), 0, 0, 0, .. Noise(random.Next(40))];
            outer = outer6 ? Build.Ipv6(remote, us, choice == 2 ? (byte)random.Next(256) : (byte)58, message)
                : Build.Ipv4(remote, us, choice == 2 ? (byte)random.Next(256) : (byte)1, message);
        }
        else
        {
            uint label = Pick(Labels);
            byte[] packet = Packet(random.Next(2) == 0, label is TestNetwork.GreenLabel or TestNetwork.LocalLabel or TestNetwork.GuestLabel, null);
            byte[] stack = Build.Label(label, packet, random.Next(20) != 0, Ttl(), (byte)random.Next(8));
            for (int nulls = random.Next(12) == 0 ? random.Next(1, 5) : 0; nulls > 0; nulls--)
                stack = Build.Label(random.Next(2) == 0 ? 0u : 2u, stack, false);
            outer = Outer(encapsulation, remote, us, stack);
            inner = outer.Length - packet.Length;
        }
        byte[] padding = random.Next(6) == 0 ? Noise(random.Next(1, 40)) : [];
        byte[] frame = Build.Ethernet(mac, TestNetwork.NeighborMac, TestNetwork.EtherTypeOf(outer), [.. outer, .. padding]);
        return inner == 0 ? Made(frame, 14) : Made(frame, 14, 14 + inner);
    }

    /// <summary>Something for the slow path to inject: a frame for a port, or a packet for a VRF or an interface.</summary>
    internal (InjectTag Tag, MadeFrame Data) ForInjection(int interfaces, int vrfs, int ports)
    {
        var tag = new InjectTag
        {
            Kind = (InjectKind)random.Next(4),
            KeepTtl = (byte)random.Next(2),
            Port = (ushort)random.Next(ports),
            Vrf = (uint)random.Next(vrfs),
            Interface = (uint)random.Next(interfaces),
        };
        if (tag.Kind != InjectKind.Delivery && random.Next(2) == 0)
            tag.Interface = uint.MaxValue;
        return tag.Kind == InjectKind.Frame ? (tag, ForAccess(tag.Port)) : (tag, Made(Packet(random.Next(2) == 0, tag.Vrf == 2, null), 0));
    }

    /// <summary>Octets without meaning.</summary>
    internal byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        random.NextBytes(noise);
        return noise;
    }

    private byte[] Outer(Encapsulation encapsulation, string remote, string us, byte[] stack)
    {
        byte[] addresses = [.. Build.Address(remote), .. Build.Address(us)];
        byte[] payload = stack;
        byte protocol = 137;
        if (encapsulation == Encapsulation.MplsInGre)
        {
            (protocol, payload) = (47, Build.Gre(stack, random.Next(4) == 0, (ushort)(random.Next(20) == 0 ? 1 << random.Next(16) : 0),
                random.Next(20) == 0 ? (ushort)0x0800 : (ushort)0x8847));
        }
        else if (encapsulation == Encapsulation.MplsInUdp)
        {
            ushort port = random.Next(20) == 0 ? (ushort)6636 : (ushort)6635;
            (protocol, payload) = (17, Build.UdpDatagram((ushort)random.Next(65536), port, stack, addresses));
            if (random.Next(8) == 0)
            {
                // A UDP length of its own: something follows the datagram, or the datagram ends early.
                payload = [.. payload, .. Noise(random.Next(8))];
                BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(4), (ushort)Math.Max(0, payload.Length + random.Next(-30, 3)));
                payload[6] = payload[7] = 0;
            }
            if (random.Next(3) == 0)
                payload[6] = payload[7] = 0;
        }
        bool fragment = random.Next(25) == 0;
        if (remote.Contains(':'))
        {
            return fragment ? Build.Ipv6(remote, us, 44, [protocol, 0, 0, 1, 0, 0, 0, 1, .. payload])
                : Build.Ipv6(remote, us, protocol, payload, 64, (byte)random.Next(256), (uint)random.Next(1 << 20));
        }
        ushort flags = fragment ? (ushort)random.Next(1, 0x4000) : random.Next(2) == 0 ? (ushort)0x4000 : (ushort)0;
        byte[]? options = random.Next(10) == 0 ? [0x94, 4, 0, 0] : null;
        return Build.Ipv4(remote, us, protocol, payload, 64, (byte)random.Next(256), (ushort)random.Next(65536), flags, options);
    }

    /// <summary>A tenant's packet; source given or from anywhere.</summary>
    private byte[] Packet(bool v6, bool green, string? source)
    {
        byte protocol = random.Next(8) switch { 0 => 1, 1 => 58, 2 => 6, 3 => 132, 4 => (byte)random.Next(256), _ => 17 };
        byte[] payload = Noise(random.Next(3) == 0 ? random.Next(1500) : Pick(Sizes));
        if (protocol == 58 && payload.Length > 0 && random.Next(2) == 0)
            payload[0] = (byte)random.Next(132, 139);
        if (!v6)
        {
            byte[]? options = random.Next(10) switch
            {
                0 => [0x83, 7, 4, 1, 2, 3, 4],
                1 => [1, 1, 0x89, 7, 4, 1, 2, 3, 4],
                2 => [0x94, 4, 0, 0],
                3 => Noise(random.Next(1, 40)),
                _ => null,
            };
            ushort flags = random.Next(10) == 0 ? (ushort)random.Next(65536) : random.Next(2) == 0 ? (ushort)0x4000 : (ushort)0;
            return Build.Ipv4(source ?? Likely(Addresses4, green), Likely(Addresses4, green), protocol, payload, Ttl(), (byte)random.Next(256),
                (ushort)random.Next(65536), flags, options);
        }
        byte next = protocol;
        for (int extensions = random.Next(8) == 0 ? random.Next(1, 4) : 0; extensions > 0; extensions--)
        {
            byte kind = (byte)(random.Next(3) switch { 0 => 0, 1 => 43, _ => 60 });
            byte[] header = new byte[8 * random.Next(1, 4)];
            header[0] = next;
            header[1] = (byte)(header.Length / 8 - 1);
            header[2] = kind == 43 ? (byte)random.Next(3) : (byte)1;
            payload = [.. header, .. payload];
            next = kind;
        }
        return Build.Ipv6(source ?? Likely(Addresses6, green), Likely(Addresses6, green), next, payload, Ttl(), (byte)random.Next(256), (uint)random.Next(1 << 20));
    }

    private byte Ttl() => Ttls[random.Next(Ttls.Length)];

    // Two of three times something that can be reached.
    private string Likely(string[] among, bool green) =>
        among[random.Next(3) != 0 ? random.Next(8) + (green ? 8 : 0) : random.Next(among.Length)];

    private T Pick<T>(T[] among) => among[random.Next(among.Length)];

    private (ushort, ushort)[] Tags(ushort vlan) => random.Next(30) switch
    {
        0 => [],
        1 => [(0x8100, vlan), (0x8100, (ushort)random.Next(4096))],
        2 => [(0x8100, (ushort)random.Next(4096))],
        _ when vlan == 0 && random.Next(2) == 0 => [],
        3 => [(0x8100, vlan), (0x88A8, 7), (0x8100, 1)],
        _ => [((ushort)(random.Next(8) == 0 ? 0x88A8 : 0x8100), (ushort)(vlan | random.Next(16) << 12))],
    };

    private static MadeFrame Made(byte[] frame, params int[] headers) => new(frame, headers);
}

using System.Buffers.Binary;
using System.Diagnostics;
using Dataplane.Host.Bench;
using Dataplane.Host.Bench.Traffic;
using Dataplane.Host.Tests.Replay;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Bench;

/// <summary>Frames as the bench rebuilds and marks them, judged by tshark.</summary>
public sealed class FrameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>UDP, TCP, ICMP over IPv4 and IPv6, with tags, options, extension headers, and inside tunnels.</summary>
    private static IEnumerable<(string Name, byte[] Frame)> Frames()
    {
        foreach (bool v6 in new[] { false, true })
        {
            foreach (byte protocol in new[] { IpProtocol.Udp, IpProtocol.Tcp, v6 ? IpProtocol.Icmpv6 : IpProtocol.Icmp })
            {
                foreach (int payload in new[] { 18, 33, 200 })
                {
                    byte[] packet = Packet(v6, protocol, payload);
                    ushort type = v6 ? EtherType.Ipv6 : EtherType.Ipv4;
                    yield return ($"plain {v6} {protocol} {payload}", [.. Ethernet(type), .. packet]);
                    yield return ($"tagged {v6} {protocol} {payload}", [.. Ethernet(EtherType.Vlan), 1, 61, (byte)(type >> 8), (byte)type, .. packet]);
                    foreach (bool outer6 in new[] { false, true })
                    {
                        byte[] mpls = [0, 0xBE, 0xD1, 64, .. packet];
                        ushort outer = outer6 ? EtherType.Ipv6 : EtherType.Ipv4;
                        yield return ($"gre {outer6} {v6} {protocol} {payload}", [.. Ethernet(outer), .. Ip(outer6, IpProtocol.Gre, [0, 0, 0x88, 0x47, .. mpls])]);
                        yield return ($"mpls {outer6} {v6} {protocol} {payload}", [.. Ethernet(outer), .. Ip(outer6, IpProtocol.MplsInIp, mpls)]);
                        yield return ($"udp {outer6} {v6} {protocol} {payload}", [.. Ethernet(outer), .. Ip(outer6, IpProtocol.Udp, Segment(outer6, IpProtocol.Udp, mpls, 6635))]);
                    }
                }
            }
        }
        byte[] noChecksum = [.. Ethernet(EtherType.Ipv4), .. Packet(false, IpProtocol.Udp, 40)];
        noChecksum[40] = noChecksum[41] = 0;
        yield return ("without checksum", noChecksum);
        yield return ("without checksum in a tunnel with one",
            [.. Ethernet(EtherType.Ipv6), .. Ip(true, IpProtocol.Udp, Segment(true, IpProtocol.Udp, [0, 0xBE, 0xD1, 64, .. noChecksum[14..]], 6635))]);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(512)]
    [InlineData(1518)]
    public void ResizedFramesAreRightInAllLengthsAndChecksums(int octets)
    {
        var made = new List<byte[]>();
        foreach ((string name, byte[] frame) in Frames())
        {
            FrameLayout layout = Assert.IsType<FrameLayout>(FrameLayout.TryParse(frame));
            if (layout.Payload > octets - FrameSize.Fcs)
            {
                string message = Assert.Throws<BenchException>(() => Mix(frame, FrameSize.ParseList([$"{octets}"])[0])).Message;
                Assert.Contains($"at least {layout.Payload + FrameSize.Fcs} are needed", message, StringComparison.Ordinal);
                Assert.StartsWith("test.pcap: packet 1: error: ", message, StringComparison.Ordinal);
                continue;
            }
            byte[] resized = FrameResizer.Resize(frame, layout, octets - FrameSize.Fcs);
            Assert.True(resized.Length == octets - FrameSize.Fcs, name);
            FrameLayout again = Assert.IsType<FrameLayout>(FrameLayout.TryParse(resized));
            Assert.Equal((layout.Transport, layout.Payload, resized.Length), (again.Transport, again.Payload, again.End));
            made.Add(resized);
        }
        Assert.NotEmpty(made);
        AssertSound(made);
    }

    [Theory]
    [InlineData("captured")]
    [InlineData("151")]
    [InlineData("512")]
    public void MarkedFramesHaveRightChecksumsAndCanBeRead(string size)
    {
        var made = new List<byte[]>();
        uint sequence = 0xFFFF_FFF0;
        foreach ((string name, byte[] frame) in Frames())
        {
            TrafficMix mix = Mix(frame, size == "captured" ? FrameSize.Captured : FrameSize.ParseList([size])[0]);
            FrameTemplate template = Assert.Single(mix.Templates);
            bool canMark = FrameLayout.TryParse(mix.Data)!.Protocol is IpProtocol.Udp or IpProtocol.Tcp;
            Assert.True(canMark == template.StampAt >= 0, name);
            if (!canMark)
                continue;
            for (ulong clock = 0xFFFF_FFFF_FF00; clock < 0x1_0000_0000_0100; clock += 0x55)
            {
                byte[] sent = mix.Data[..template.Length];
                Stamp.Write(sent, in template, Stamp.TagOf(7), ++sequence, clock);
                Assert.True(Stamp.TryRead(sent, Stamp.TagOf(7), out uint read, out ulong when), name);
                Assert.Equal((sequence, clock & 0xFFFF_FFFF_FFFF), (read, when));
                Assert.Equal(1000ul, Stamp.Elapsed(when, clock + 1000));
                Assert.False(Stamp.TryRead(sent, Stamp.TagOf(8), out _, out _));
                made.Add(sent);
            }
        }
        AssertSound(made);
    }

    [Fact]
    public void AMarkIsFoundBeforeThePaddingOfAShortFrame()
    {
        byte[] frame = [.. Ethernet(EtherType.Ipv4), .. Packet(false, IpProtocol.Udp, 14)];
        TrafficMix mix = Mix(frame, FrameSize.Captured);
        byte[] sent = [.. mix.Data, 0, 0, 0, 0];
        Stamp.Write(sent, in mix.Templates[0], Stamp.TagOf(1), 5, 6);
        Assert.True(Stamp.TryRead(sent, Stamp.TagOf(1), out uint sequence, out ulong clock));
        Assert.Equal((5u, 6ul), (sequence, clock));
    }

    [Fact]
    public void TheMixHasItsSharesAndEveryFlowHasAllSizes()
    {
        CapturedFrame[] frames = [.. Enumerable.Range(0, 5).Select(static i =>
            new CapturedFrame(i * 1000, 0, $"test.pcap: packet {i + 1}", [.. Ethernet(EtherType.Ipv4), .. Packet(false, IpProtocol.Udp, 20 + i)]))];
        TrafficMix mix = TrafficMix.Build(frames, FrameSize.Mix, static (_, _) => 0);
        Assert.Equal(60, mix.Templates.Length);
        Assert.Equal((35, 20, 5), (mix.Templates.Count(static one => one.Length == 60), mix.Templates.Count(static one => one.Length == 590), mix.Templates.Count(static one => one.Length == 1514)));
        Assert.Equal((7 * 64 + 4 * 594 + 1518) / 12.0, mix.MeanOctets, 1e-9);
        Assert.True(mix.Templates.Zip(mix.Templates.Skip(1)).All(static pair => pair.First.Due < pair.Second.Due));
    }

    [Fact]
    public void WhatCannotBeChangedIsRecognised()
    {
        byte[] good = [.. Ethernet(EtherType.Ipv4), .. Packet(false, IpProtocol.Udp, 40)];
        Assert.Null(FrameLayout.TryParse([.. Ethernet(EtherType.Arp), .. new byte[46]]));
        Assert.Null(FrameLayout.TryParse(good[..40]));
        byte[] fragment = [.. good];
        fragment[20] = 0x20;
        Assert.Null(FrameLayout.TryParse(fragment));
        byte[] shortUdp = [.. good];
        shortUdp[39] = 20;
        Assert.Null(FrameLayout.TryParse(shortUdp));
        var random = new Random(8);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] broken = [.. good.AsSpan(0, random.Next(good.Length + 1))];
            for (int n = random.Next(4); n > 0 && broken.Length > 12; n--)
                broken[random.Next(12, broken.Length)] = (byte)random.Next(256);
            if (FrameLayout.TryParse(broken) is { } layout)
                Assert.True(layout.Payload <= layout.End && layout.End <= broken.Length);
        }
    }

    private static TrafficMix Mix(byte[] frame, FrameSize size) =>
        TrafficMix.Build([new CapturedFrame(0, 0, "test.pcap: packet 1", frame)], size, static (_, _) => 0);

    private static byte[] Ethernet(ushort type) => [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, (byte)(type >> 8), (byte)type];

    private static byte[] Packet(bool v6, byte protocol, int payload)
    {
        byte[] data = new byte[payload];
        new Random(payload).NextBytes(data);
        return Ip(v6, protocol, Segment(v6, protocol, data, 7));
    }

    private static byte[] Ip(bool v6, byte protocol, byte[] content)
    {
        if (v6)
        {
            byte[] header6 = [0x60, 0, 0, 0, (byte)(content.Length >> 8), (byte)content.Length, protocol, 64, .. Addresses(true)];
            return [.. header6, .. content];
        }
        int length = 20 + content.Length;
        byte[] header = [0x45, 0, (byte)(length >> 8), (byte)length, 0, 1, 0x40, 0, 64, protocol, 0, 0, .. Addresses(false)];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), InternetChecksum.Compute(header));
        return [.. header, .. content];
    }

    private static byte[] Addresses(bool v6) => v6
        ? [0x20, 1, 0xD, 0xB8, .. new byte[11], 1, 0x20, 1, 0xD, 0xB8, .. new byte[11], 2] : [198, 51, 100, 1, 198, 51, 100, 2];

    private static byte[] Segment(bool v6, byte protocol, byte[] payload, ushort port)
    {
        byte[] header = protocol switch
        {
            IpProtocol.Udp => [0x30, 0x39, (byte)(port >> 8), (byte)port, (byte)((8 + payload.Length) >> 8), (byte)(8 + payload.Length), 0, 0],
            IpProtocol.Tcp => [0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 0x10, 0, 0, 0, 0, 0],
            IpProtocol.Icmp => [8, 0, 0, 0, 0, 1, 0, 1],
            _ => [128, 0, 0, 0, 0, 1, 0, 1],
        };
        byte[] segment = [.. header, .. payload];
        uint seed = protocol == IpProtocol.Icmp ? 0 : InternetChecksum.Sum(Addresses(v6), (uint)(protocol + segment.Length));
        int at = protocol switch { IpProtocol.Udp => 6, IpProtocol.Tcp => 16, _ => 2 };
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(at), InternetChecksum.Compute(segment, seed));
        return segment;
    }

    private void AssertSound(IReadOnlyList<byte[]> frames)
    {
        string capture = _folder.Write("frames.pcap", TestCapture.Write(frames.Select(static (frame, i) => new TimedFrame((ulong)i, frame))));
        const string Wrong = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || icmp.checksum.status == 0 "
            + "|| icmpv6.checksum.status == 0 || _ws.expert.severity == \"Error\"";
        string found = Tshark("-n", "-r", capture, "-Y", Wrong);
        Assert.True(found.Length == 0, found);
        Assert.Equal(frames.Count, Tshark("-n", "-r", capture, "-T", "fields", "-e", "frame.number").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static string Tshark(params string[] arguments)
    {
        string[] verify = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "tcp.analyze_sequence_numbers:FALSE",
            "-o", "tcp.desegment_tcp_streams:FALSE", "--disable-protocol", "http", "--disable-protocol", "echo"];
        using Process process = Process.Start(new ProcessStartInfo("tshark", [.. verify, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}

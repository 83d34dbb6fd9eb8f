using System.Buffers.Binary;
using Dataplane.Host.Replay;

namespace Dataplane.Host.Tests.Replay;

public sealed class CaptureFileTests : IDisposable
{
    private static readonly TimedFrame[] Frames =
        [new(1_700_000_000_000_001, new byte[60]), new(1_700_000_000_000_002, new byte[1514]), new(1_700_000_000_000_003, [])];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void AllFourKindsOfPcapAreRead(bool bigEndian, bool nanoseconds)
    {
        using CaptureFile capture = Open(TestCapture.Write(Frames, bigEndian, nanoseconds));
        Assert.Equal(3, capture.Packets);
        Assert.Equal(1514, capture.LongestPacket);
        Assert.Equal(0, capture.CutPackets);
        Assert.Equal(File.ReadAllBytes(capture.Path), File.ReadAllBytes(capture.DevicePath));
    }

    [Fact]
    public void CutPacketsAreCounted()
    {
        byte[] octets = TestCapture.Write(Frames);
        BinaryPrimitives.WriteUInt32LittleEndian(octets.AsSpan(24 + 12), 1000);
        using CaptureFile capture = Open(octets);
        Assert.Equal(1, capture.CutPackets);
    }

    [Fact]
    public void EveryTruncationIsFound()
    {
        byte[] whole = TestCapture.Write(Frames[..1]);
        for (int length = 0; length < whole.Length; length++)
        {
            if (length == 24)
                continue; // a file header alone is a capture without packets
            var problem = Assert.Throws<CaptureException>(() => Open(whole[..length]));
            Assert.StartsWith(_folder["in.pcap"] + ": error: ", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhatIsNoCaptureIsToldApart()
    {
        Assert.Contains("pcapng", ProblemOf([0x0A, 0x0D, 0x0D, 0x0A, .. new byte[60]]), StringComparison.Ordinal);
        Assert.Contains("not a pcap file", ProblemOf(new byte[60]), StringComparison.Ordinal);
        Assert.Contains("link type 113", ProblemOf(TestCapture.Write(Frames, link: 113)), StringComparison.Ordinal);
        byte[] damaged = TestCapture.Write(Frames);
        BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(24 + 8), 65536);
        Assert.Contains("packet 1 at byte 24", ProblemOf(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileAndADirectoryAreNamed()
    {
        Assert.Contains("there is no such capture", Assert.Throws<CaptureException>(() => CaptureFile.Open(_folder["none"])).Message, StringComparison.Ordinal);
        Assert.Throws<CaptureException>(() => CaptureFile.Open(_folder.Path));
    }

    private string ProblemOf(byte[] octets) => Assert.Throws<CaptureException>(() => Open(octets)).Message;

    private CaptureFile Open(byte[] octets) => CaptureFile.Open(_folder.Write("in.pcap", octets));
}

using Dataplane.Host.Replay;

namespace Dataplane.Host.Tests.Replay;

public sealed class CaptureWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        using (var writer = new CaptureWriter(_folder["out.pcap"]))
        {
            writer.Write(1_700_000_000_999_999, [1, 2, 3]);
            writer.Write(5, []);
            Assert.False(File.Exists(_folder["out.pcap"]));
            writer.Complete();
        }
        List<TimedFrame> frames = TestCapture.Read(_folder["out.pcap"]);
        Assert.Equal([1_700_000_000_999_999UL, 5UL], frames.Select(static frame => frame.Microseconds));
        Assert.Equal([1, 2, 3], frames[0].Octets);
        Assert.Empty(frames[1].Octets);
    }

    [Fact]
    public void WhatIsNotCompletedLeavesNothing()
    {
        new CaptureWriter(_folder["out.pcap"]).Dispose();
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}

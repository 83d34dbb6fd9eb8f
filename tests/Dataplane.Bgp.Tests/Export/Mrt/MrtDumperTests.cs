using System.Buffers.Binary;
using System.Diagnostics;
using Dataplane.Bgp.Export.Mrt;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Tests.Speaker;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Export.Mrt;

/// <summary>Dumps of two speakers, read by <c>bgpdump</c> (libbgpdump) and, where it knows no record of that kind, octet by octet from RFC 6396.</summary>
public sealed class MrtDumperTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mrt").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Trait("Requirement", "SIG-24")]
    public void MessagesStatesAndTablesAreReadByBgpdump()
    {
        (TestNet net, TestNode one, TestNode two, MrtDumper dumper) = Start();
        var source = one.Routes.Sources.Add(new() { Kind = Dataplane.Routing.Rib.SourceKind.Local, RouterId = 1, As = new(65001), Name = "unicast" });
        one.Originate(source, RouteFamily.Ipv4Unicast, Nlri.Of(IpPrefix.Parse("192.0.2.0/24")), 0, ["65001:7"]);
        one.Originate("65001:1", "10.1.0.0/24", 1000, "65001:1");
        net.Until(() => two.Routes[RouteFamily.Ipv4Unicast].DestinationCount == 1 && two.Routes[RouteFamily.VpnIpv4].DestinationCount == 1, "both routes");
        dumper.DumpTables();
        net.Until(() => !dumper.IsDumping, "the dump");
        dumper.Dispose();

        string[] messages = Bgpdump("-m", Path.Combine(_directory, "updates"));
        Assert.Contains(messages, line => line.Contains("|STATE|10.0.0.1|65001|5|6", StringComparison.Ordinal));
        Assert.Contains(messages, line => line.Contains("|A|10.0.0.1|65001|192.0.2.0/24|65001|IGP|10.0.0.1|", StringComparison.Ordinal));

        string table = Directory.GetFiles(_directory, "rib.*").Single();
        string line = Assert.Single(Bgpdump("-m", table), row => row.Contains("192.0.2.0/24", StringComparison.Ordinal));
        Assert.StartsWith("TABLE_DUMP2|", line);
        Assert.Contains("|B|10.0.0.1|65001|192.0.2.0/24|65001|IGP|10.0.0.1|", line);
        Assert.Equal(0, dumper.Dropped);

        byte[] generic = Records(table).Single(record => BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(6)) == 6);
        ReadOnlySpan<byte> body = generic.AsSpan(12);
        Assert.Equal([0, 1, 128], body.Slice(4, 3).ToArray());
        Assert.Equal("70003E81", Convert.ToHexString(body.Slice(7, 4)));
        Assert.Equal("0000FDE9000000010A0100", Convert.ToHexString(body.Slice(11, 11)));
        Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(body[22..]));
        var attributes = BinaryPrimitives.ReadUInt16BigEndian(body[30..]);
        Assert.Equal(body.Length, 32 + attributes);
        Assert.Contains("800E0D0C0000000000000000" + "0A000001", Convert.ToHexString(body[32..]));
    }

    /// <summary>RFC 6396 §4.4.5 and RFC 8050 §3: what is sent has subtypes of its own, and others again with path identifiers.</summary>
    [Theory]
    [InlineData(AddPathMode.None, 4, 7)]
    [InlineData(AddPathMode.Both, 9, 11)]
    public void MessagesThatAreSentAreRecordedWhereItIsAskedFor(AddPathMode addPath, int received, int sent)
    {
        (TestNet net, TestNode one, TestNode two, MrtDumper dumper) = Start(addPath, sentMessages: true);
        one.Originate("65001:1", "10.1.0.0/24", 1000, "65001:1");
        two.Originate("65002:1", "10.2.0.0/24", 1000, "65002:1");
        net.Until(() => two.Routes[RouteFamily.VpnIpv4].DestinationCount == 2 && one.Routes[RouteFamily.VpnIpv4].DestinationCount == 2, "both routes");
        dumper.Dispose();
        byte[][] records = [.. Records(Path.Combine(_directory, "updates"))];
        Assert.All(records, record => Assert.Equal(17, BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(4))));

        // Micro-seconds, both systems, interface and family, both addresses, then the message.
        const int Message = 12 + 4 + 8 + 4 + 8;
        byte[][] updates = [.. records.Where(record => record.Length > Message + 60 && record[Message + 18] == 2)];
        int Subtype(byte[] record) => BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(6));
        byte[] ours = Assert.Single(updates, record => Subtype(record) == sent && Convert.ToHexString(record).Contains("0A0200", StringComparison.Ordinal));
        byte[] theirs = Assert.Single(updates, record => Subtype(record) == received && Convert.ToHexString(record).Contains("0A0100", StringComparison.Ordinal));
        foreach (byte[] record in (byte[][])[ours, theirs])
        {
            // Whoever sent it: the peer's number and address first.
            Assert.Equal((65001u, 65002u), (BinaryPrimitives.ReadUInt32BigEndian(record.AsSpan(16)), BinaryPrimitives.ReadUInt32BigEndian(record.AsSpan(20))));
            Assert.Equal("0A0000010A000002", Convert.ToHexString(record.AsSpan(28, 8)));
            Assert.Equal(record.Length - Message, BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(Message + 16)));
        }

        Assert.Contains(records, record => Subtype(record) == 7 && record[Message + 18] == 1); // our OPEN
    }

    [Fact]
    public void FilesChangeWithTimeAndSizeAndTheOldestGo()
    {
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        using (var file = new MrtFile(_directory, "a.%Y%m%d.%H%M%S.%%", TimeSpan.FromMinutes(15), 100, 3))
        {
            file.Write(new byte[60], start);
            Assert.Equal("a.20260102.030000.%", Path.GetFileName(file.Path));
            file.Write(new byte[60], start);
            Assert.Equal("a.20260102.030000.%.1", Path.GetFileName(file.Path));
            file.Write(new byte[10], start.AddMinutes(15));
            file.Write(new byte[10], start.AddMinutes(30));
        }

        Assert.Equal(
            ["a.20260102.030000.%.1", "a.20260102.031500.%", "a.20260102.033000.%"],
            Directory.GetFiles(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task RecordsBeyondTheBoundAreDroppedAndCounted()
    {
        using var output = new MrtOutput(new() { Directory = _directory, MessageFile = "m", QueueBytes = 1000 }, static () => { }, static _ => { });
        output.Message(new byte[1001], DateTimeOffset.UnixEpoch);
        Assert.Equal(1, output.Dropped);
        output.Message(new byte[1000], DateTimeOffset.UnixEpoch);
        await output.FlushAsync();
        Assert.Equal(1, output.Written);
    }

    [Fact]
    public async Task DirectoryThatCannotBeWrittenIsReportedAndHarmsNothing()
    {
        string file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        var failures = 0;
        using var output = new MrtOutput(
            new() { Directory = Path.Combine(file, "below"), MessageFile = "m" }, static () => { }, _ => Interlocked.Increment(ref failures));
        output.Message(new byte[20], DateTimeOffset.UnixEpoch);
        await output.FlushAsync();
        Assert.Equal((1, 1L, 0L), (failures, output.Dropped, output.Written));
    }

    private static IEnumerable<byte[]> Records(string path)
    {
        byte[] octets = File.ReadAllBytes(path);
        for (var at = 0; at < octets.Length;)
        {
            var length = 12 + (int)BinaryPrimitives.ReadUInt32BigEndian(octets.AsSpan(at + 8));
            yield return octets[at..(at + length)];
            at += length;
        }
    }

    private static string[] Bgpdump(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("bgpdump", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private (TestNet Net, TestNode One, TestNode Two, MrtDumper Dumper) Start(AddPathMode addPath = AddPathMode.None, bool sentMessages = false)
    {
        var net = new TestNet();
        TestNode one = net.Add("10.0.0.1", 65001, settings => settings with { Peers = [Peer("10.0.0.2", 65002, addPath)] });
        TestNode two = net.Add("10.0.0.2", 65002, settings => settings with { Peers = [Peer("10.0.0.1", 65001, addPath)] });
        var dumper = new MrtDumper(two.Loop, two.Routes, two.Speaker.Settings, new() { Directory = _directory, MessageFile = "updates", SentMessages = sentMessages });
        two.Speaker.Observers.Add(dumper);
        net.Nodes.ForEach(node => node.Start());
        net.UntilEstablished();
        return (net, one, two, dumper);
    }

    private static PeerSettings Peer(string address, uint system, AddPathMode addPath) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(system),
        Families = [RouteFamily.Ipv4Unicast, new() { Family = RouteFamily.VpnIpv4, AddPath = addPath }],
    };
}

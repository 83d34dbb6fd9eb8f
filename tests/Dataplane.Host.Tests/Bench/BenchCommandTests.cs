using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Dataplane.Host.Tests.Commands;
using Dataplane.Host.Tests.Replay;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Bench;

/// <summary><c>dataplane bench</c> as a process, on virtual devices, with short trials. Nothing depends on how fast it is.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private const ulong Start = 1_700_000_000_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ASearchMeasuresAllSizesAndAgreesWithTheDatapathToTheFrame()
    {
        ProgramResult result = Bench(["--frame-size", "64,imix", "--search", "ndr", "--trials", "2", "--duration", "50ms", "--ramp-up", "20ms",
            "--resolution", "20%", "--max-rate", "500kpps", "--latency-at", "50,100"], out JsonElement numbers);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.True(numbers.GetProperty("complete").GetBoolean());
        JsonElement made = numbers.GetProperty("circumstances");
        Assert.Equal(("self-contained", true, "search"), (made.GetProperty("arrangement").GetString(), made.GetProperty("virtualDevices").GetBoolean(), made.GetProperty("method").GetString()));
        Assert.Contains("--max-rate 500kpps", made.GetProperty("command").GetString(), StringComparison.Ordinal);
        Assert.All(made.GetProperty("devices").EnumerateArray(), static device => Assert.Equal("net_ring", device.GetProperty("driver").GetString()));
        JsonElement[] sizes = [.. numbers.GetProperty("sizes").EnumerateArray()];
        Assert.Equal(["64", "imix"], sizes.Select(static size => size.GetProperty("size").GetString()));
        foreach (JsonElement size in sizes)
        {
            JsonElement[] searches = [.. size.GetProperty("searches").EnumerateArray()];
            Assert.Equal(2, searches.Length);
            Assert.All(searches, static search => Assert.InRange(search.GetProperty("pps").GetDouble(), 0, 500_000));
            Assert.Equal(searches.Length, size.GetProperty("throughput").GetProperty("count").GetInt32());
            AssertReconciled(size.GetProperty("maximum"));
            foreach (JsonElement trial in searches.SelectMany(static search => search.GetProperty("trials").EnumerateArray()))
                AssertReconciled(trial);
            foreach (JsonElement row in size.GetProperty("latency").EnumerateArray())
                AssertLatency(row.GetProperty("trial"));
            AssertStages(size.GetProperty("stages"));
        }
        Assert.NotNull(XDocument.Parse(File.ReadAllText(_folder["report/index.html"])["<!DOCTYPE html>\n".Length..]).Root);
        Assert.Contains("report: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("64: search 1 of 2", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("original")]
    [InlineData("x2")]
    [InlineData("5kpps")]
    [InlineData("3mbps")]
    [InlineData("max")]
    public void ARateIsOfferedAsAskedFor(string rate)
    {
        ProgramResult result = Bench(["--rate", rate, "--trials", "2", "--ramp-up", "0ms", "--quiet", .. rate is "original" or "x2" ? Array.Empty<string>() : ["--duration", "100ms"]], out JsonElement numbers);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal("", result.Output);
        JsonElement size = Assert.Single(numbers.GetProperty("sizes").EnumerateArray());
        Assert.Equal("captured", size.GetProperty("size").GetString());
        Assert.Equal(2, size.GetProperty("trials").GetArrayLength());
        foreach (JsonElement trial in size.GetProperty("trials").EnumerateArray())
        {
            AssertReconciled(trial);
            // 40 frames of which one in ten has no route: not sent on, and not counted as lost.
            ulong offered = trial.GetProperty("offered").GetUInt64();
            if (rate == "original")
                Assert.InRange(offered, 1u, 41u);
            // A busy machine may cut the trial before the first of these.
            ulong dropped = trial.GetProperty("datapath").GetProperty("drops").TryGetProperty("no-route", out JsonElement routeless) ? routeless.GetUInt64() : 0;
            Assert.InRange(dropped, offered >= 40 ? 1u : 0u, offered / 10 + 1);
        }
        Assert.Contains("4 of 40 different frames are not forwarded by this configuration (no-route 4)", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void DecapsulationIsMeasuredAsWell()
    {
        byte[] inner = TestFrames.GuestPacket(317, "198.51.100.40", "198.51.100.25", 1)[18..];
        byte[] outer = [0x45, 0, 0, (byte)(20 + 8 + inner.Length), 0, 0, 0x40, 0, 64, IpProtocol.Gre, 0, 0, 203, 0, 113, 44, 203, 0, 113, 17];
        ushort checksum = InternetChecksum.Compute(outer);
        (outer[10], outer[11]) = ((byte)(checksum >> 8), (byte)checksum);
        uint label = (52013u << 12) | 0x1FF;
        byte[] frame = [2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0x44, 8, 0, .. outer, 0, 0, 0x88, 0x47, (byte)(label >> 24), (byte)(label >> 16), (byte)(label >> 8), (byte)label, .. inner];
        string capture = _folder.Write("core0.pcap", TestCapture.Write([new TimedFrame(Start, frame)]));
        ProgramResult result = Bench(["--frame-size", "128", "--rate", "10kpps", "--trials", "1", "--duration", "50ms", "--ramp-up", "0ms"], out JsonElement numbers, capture);
        Assert.True(result.ExitCode == 0, result.Errors);
        JsonElement trial = Assert.Single(Assert.Single(numbers.GetProperty("sizes").EnumerateArray()).GetProperty("trials").EnumerateArray());
        AssertReconciled(trial);
        AssertLatency(trial);
    }

    [Fact]
    public async Task ControlCWritesWhatThereIsAndSaysThatItIsPartial()
    {
        string[] line = Line(["--rate", "10kpps", "--trials", "100", "--duration", "300ms", "--ramp-up", "0ms"], Capture());
        using Process process = DataplaneProgram.Start(line);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        while (await process.StandardError.ReadLineAsync() is { } text && !text.Contains("trial 3 of 100", StringComparison.Ordinal))
        {
        }
        using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(DataplaneProgram.Patience));
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("partial report: ", await output, StringComparison.Ordinal);
        using JsonDocument numbers = JsonDocument.Parse(await File.ReadAllTextAsync(_folder["report/result.json"]));
        Assert.False(numbers.RootElement.GetProperty("complete").GetBoolean());
        Assert.InRange(numbers.RootElement.GetProperty("sizes")[0].GetProperty("trials").GetArrayLength(), 2, 99);
        Assert.Contains("partial", await File.ReadAllTextAsync(_folder["report/index.html"]), StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rate fast", "--rate: error: 'fast' is not a rate")]
    [InlineData("--rate 1mpps --search ndr", "--search: error: either --search or --rate")]
    [InlineData("--search best", "'best' is unknown")]
    [InlineData("--frame-size 63", "--frame-size: error: 63 is out of range")]
    [InlineData("--duration soon", "--duration: error: 'soon' is no time")]
    [InlineData("--loss much", "--loss: error: 'much' is no percentage")]
    [InlineData("--trials 0", "--trials: error: 0 is out of range")]
    [InlineData("--tx-port eth0", "--tx-port: error: 'eth0' is no device")]
    [InlineData("--rx-port net_null0", "it needs --tx-port as well")]
    [InlineData("--max-rate max", "--max-rate: error: 'max' is no bound")]
    [InlineData("--generator-core 1", "core 1 is a worker's")]
    public void AWrongOptionIsToldAndNothingIsWritten(string options, string expected)
    {
        ProgramResult result = DataplaneProgram.Run(Line(options.Split(' '), Capture()));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["report/result.json"]));
    }

    [Fact]
    public void WhatCannotBeSentOrForwardedIsToldWithItsPlace()
    {
        string good = Capture();
        string cut = _folder.Write("cut.pcap", File.ReadAllBytes(good)[..^5]);
        string empty = _folder.Write("empty.pcap", TestCapture.Write([]));
        string stranger = _folder.Write("stranger.pcap", TestCapture.Write([new TimedFrame(Start, TestFrames.GuestPacket(99, "198.51.100.25", "198.51.100.40", 1))]));
        string large = _folder.Write("large.pcap", TestCapture.Write([new TimedFrame(Start, Tunnelled())]));
        foreach ((string input, string[] options, string expected) in new (string, string[], string)[]
        {
            (_folder["none.pcap"], [], "there is no such capture"),
            ($"acc7={good}", [], "there is no port 'acc7'"),
            ($"acc0={cut}", [], "the capture is truncated"),
            ($"acc0={empty}", [], "the capture has no packets"),
            ($"acc0={stranger}", ["--rate", "1kpps"], "none of 1 frames came out of the device under test; its reasons: unclassified 1"),
            ($"core0={large}", ["--frame-size", "64"], "frame size 64 is too small: this frame has 70 octets of headers, so at least 74 are needed"),
        })
        {
            ProgramResult result = DataplaneProgram.Run(Line(options, input.Contains('=', StringComparison.Ordinal) ? input : $"acc0={input}"));
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["report/result.json"]));
        }
        _folder.Write("taken", "");
        ProgramResult unwritable = DataplaneProgram.Run([.. Line([], good)[..^1], _folder["taken"]]);
        Assert.Equal(2, unwritable.ExitCode);
        Assert.Contains("the report cannot be written there", unwritable.Errors, StringComparison.Ordinal);
    }

    private static void AssertReconciled(JsonElement trial)
    {
        Assert.True(trial.GetProperty("reconciled").GetBoolean(), trial.ToString());
        JsonElement ledger = trial.GetProperty("datapath");
        ulong rx = ledger.GetProperty("rx").GetUInt64();
        Assert.Equal(rx, ledger.GetProperty("tx").GetUInt64() + ledger.GetProperty("punted").GetUInt64() + ledger.GetProperty("dropped").GetUInt64());
        Assert.Equal(trial.GetProperty("offered").GetUInt64(), rx + trial.GetProperty("refused").GetUInt64());
        ulong lost = trial.GetProperty("lost").GetUInt64();
        ulong notForwarded = ledger.GetProperty("notForwarded").GetUInt64();
        Assert.Equal(trial.GetProperty("offered").GetUInt64(), trial.GetProperty("received").GetUInt64() + lost + notForwarded);
    }

    private static void AssertLatency(JsonElement trial)
    {
        JsonElement latency = trial.GetProperty("latency");
        double[] rising = [.. new[] { "min", "p50", "p90", "p99", "p999", "max" }.Select(name => latency.GetProperty(name).GetDouble())];
        Assert.Equal(rising.Order(), rising);
        Assert.True(rising[0] > 0);
        Assert.Equal(trial.GetProperty("received").GetUInt64(), latency.GetProperty("frames").GetUInt64());
    }

    private static void AssertStages(JsonElement stages)
    {
        Assert.Superset(
            new HashSet<string> { "receive", "input", "lookup", "forward", "transmit" },
            stages.GetProperty("stages").EnumerateArray().Select(static stage => stage.GetProperty("stage").GetString()!).ToHashSet());
        Assert.Equal(stages.GetProperty("cyclesPerPacket").GetDouble(), stages.GetProperty("stages").EnumerateArray().Sum(static stage => stage.GetProperty("cyclesPerPacket").GetDouble()), 0.01);
        Assert.InRange(stages.GetProperty("packetsPerBurst").GetDouble(), 1, 64);
    }

    private static byte[] Tunnelled()
    {
        byte[] inner = TestFrames.GuestPacket(317, "198.51.100.40", "198.51.100.25", 1)[18..];
        return [2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0x44, 8, 0, 0x45, 0, 0, (byte)(20 + 8 + inner.Length), 0, 0, 0x40, 0, 64, IpProtocol.Gre, 0, 0,
            203, 0, 113, 44, 203, 0, 113, 17, 0, 0, 0x88, 0x47, 0, 0xBE, 0xD1, 64, .. inner];
    }

    /// <summary>Forty frames, 100 µs apart; one in ten goes where there is no route.</summary>
    private string Capture() => _folder.Write("acc0.pcap", TestCapture.Write(Enumerable.Range(0, 40).Select(static i =>
        new TimedFrame(Start + (ulong)i * 100, TestFrames.GuestPacket(317, "198.51.100.25", i % 10 == 9 ? "198.51.100.99" : "198.51.100.40", (byte)i)))));

    private ProgramResult Bench(string[] options, out JsonElement numbers, string? capture = null)
    {
        ProgramResult result = DataplaneProgram.Run(Line(options, capture ?? (options.Contains("--frame-size") ? Routed() : Capture())));
        Assert.True(File.Exists(_folder["report/result.json"]), result.Errors);
        numbers = JsonDocument.Parse(File.ReadAllText(_folder["report/result.json"])).RootElement;
        return result;
    }

    private string Routed() => _folder.Write("acc0.pcap", TestCapture.Write(Enumerable.Range(0, 40).Select(static i =>
        new TimedFrame(Start + (ulong)i * 100, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", (byte)i)))));

    private string[] Line(string[] options, string input)
    {
        string configuration = _folder.Write("bench.yaml", """
            roles: [forwarder]
            ports:
              - { name: core0, role: core, mac: "02:00:00:00:00:11", mtu: 1600, addresses: [203.0.113.17/24] }
              - { name: acc0, role: access }
            infrastructure: { address: 203.0.113.17 }
            workers: { cores: [1] }
            vrfs:
              - { name: blue, routes: [ { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 } ] }
            interfaces:
              - { name: vm1, port: acc0, vlan: 317, mac: "02:aa:10:c0:ff:ee", vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
            """);
        return ["bench", "--config", configuration, "--in", input, .. options, "--report", _folder["report"]];
    }
}

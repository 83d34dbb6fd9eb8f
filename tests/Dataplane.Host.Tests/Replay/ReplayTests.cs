using System.Text.Json;
using Dataplane.Host.Tests.Commands;
using Dataplane.Net;

namespace Dataplane.Host.Tests.Replay;

/// <summary><c>dataplane replay</c> as a process: files in, files out. What the pipeline does is in the golden cases.</summary>
public sealed class ReplayTests : IDisposable
{
    private const ulong Start = 1_700_000_000_000_000;
    private const ulong Second = 1_000_000;
    private static readonly MacAddress Neighbor = MacAddress.Parse("02:00:00:00:00:44");
    private static readonly MacAddress Core = MacAddress.Parse("02:00:00:00:00:11");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FramesKeepTheTimeOfThePacketThatCausedThem()
    {
        Replay(Configuration(), ("acc0", [
            new(Start, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 1)),
            new(Start + 7, TestFrames.GuestArpRequest(317, "198.51.100.25", "198.51.100.40")),
            new(Start + 3 * Second, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 2)),
        ]));
        Assert.Equal([Start, Start + 3 * Second], Times("core0"));
        Assert.Equal([Start + 7], Times("acc0"));
        Assert.Equal(
            [_folder["out/acc0.pcap"], _folder["out/core0.pcap"], _folder["out/counters.json"]],
            Directory.GetFileSystemEntries(_folder["out"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheSameInputGivesTheSameOctets()
    {
        var random = new Random(4711);
        TimedFrame[] frames = [.. Enumerable.Range(0, 2000).Select(i => new TimedFrame(Start + (ulong)i * 40, random.Next(8) switch
        {
            0 => TestFrames.GuestArpRequest(317, "198.51.100.25", "198.51.100.1"),
            1 => TestFrames.GuestPacket(318, "198.51.100.25", "198.51.100.40", (byte)i),
            2 => RandomOctets(random),
            _ => TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", (byte)i),
        }))];
        string configuration = Configuration(neighbor: false);
        Replay(configuration, ("acc0", frames), ("core0", [.. frames.Take(500)]));
        byte[][] first = ReadResults();
        Directory.Delete(_folder["out"], recursive: true);
        Replay(configuration, ("acc0", frames), ("core0", [.. frames.Take(500)]));
        Assert.Equal(first, ReadResults());
        Assert.True(first[1].Length > 24, "nothing was sent");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void AtEqualTimesTheFirstPortOfTheFileIsServedFirst(bool coreFirst, int waiting)
    {
        Replay(Configuration(neighbor: false, coreFirst: coreFirst),
            ("acc0", [new(Start, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 1))]),
            ("core0", [new(Start, TestFrames.UnderlayArpReply(Neighbor, "203.0.113.44", Core, "203.0.113.17"))]));
        JsonElement counters = Counters();
        Assert.Equal(waiting, counters.GetProperty("punts").TryGetProperty("underlay-unresolved", out JsonElement held) ? held.GetInt32() : 0);
        Assert.Equal(1, counters.GetProperty("tunnels").GetProperty("203.0.113.44").GetProperty("packets").GetInt32());
    }

    [Fact]
    public void TimersRunAtTheirOwnTimesBetweenAndAfterPackets()
    {
        Replay(Configuration(neighbor: false), ("acc0", [
            new(Start, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 1)),
            new(Start + 1_500_000, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 2)),
        ]));
        // Three questions a second apart, a rest of 5 s, and again until 10 s after the last packet.
        Assert.Equal(new ulong[] { 0, 1, 2, 8, 9, 10 }.Select(static after => Start + after * Second), Times("core0"));
        JsonElement slowPath = Counters().GetProperty("slowPath");
        Assert.Equal(0, slowPath.GetProperty("held").GetInt32());
        Assert.Equal(2, slowPath.GetProperty("drops").GetProperty("hold-timeout").GetInt32());
    }

    [Fact]
    public void WithoutInputThereAreResultsAllTheSame()
    {
        Replay(Configuration());
        Assert.Empty(Times("acc0"));
        Assert.Empty(Times("core0"));
        Assert.Equal(0, Counters().GetProperty("ledger").GetProperty("received").GetProperty("rx").GetInt32());
    }

    [Fact]
    public void CountersHaveTheirPlaces()
    {
        Replay(Configuration(), ("acc0", [
            new(Start, TestFrames.GuestPacket(317, "198.51.100.25", "198.51.100.40", 1)),
            new(Start + 1, TestFrames.GuestPacket(318, "198.51.100.25", "198.51.100.40", 2)),
            new(Start + 2, TestFrames.GuestArpRequest(317, "198.51.100.25", "198.51.100.40")),
        ]));
        Assert.Equal(
            """
            {
              "ledger": {
                "received": {
                  "rx": 3,
                  "tx": 1,
                  "punted": 1,
                  "dropped": 1
                },
                "injected": {
                  "rx": 1,
                  "tx": 1,
                  "punted": 0,
                  "dropped": 0
                }
              },
              "ports": {
                "core0": {
                  "rxPackets": 0,
                  "rxBytes": 0,
                  "txPackets": 1,
                  "txBytes": 86
                },
                "acc0": {
                  "rxPackets": 3,
                  "rxBytes": 170,
                  "txPackets": 1,
                  "txBytes": 46
                }
              },
              "interfaces": {
                "vm1": {
                  "rxPackets": 2,
                  "rxBytes": 44,
                  "txPackets": 1,
                  "txBytes": 0,
                  "dropped": 0
                }
              },
              "vrfs": {
                "blue": {
                  "encapsulatedPackets": 1,
                  "encapsulatedBytes": 44,
                  "decapsulatedPackets": 0,
                  "decapsulatedBytes": 0,
                  "localPackets": 0,
                  "localBytes": 0
                }
              },
              "labels": {
                "52013": {
                  "packets": 0,
                  "bytes": 0
                },
                "3000": {
                  "packets": 0,
                  "bytes": 0
                }
              },
              "tunnels": {
                "203.0.113.44": {
                  "packets": 1,
                  "bytes": 44
                }
              },
              "drops": {
                "unclassified": 1
              },
              "punts": {
                "arp": 1
              },
              "slowPath": {
                "answered": 1,
                "forwarded": 0,
                "consumed": 0,
                "held": 0,
                "drops": {}
              }
            }

            """,
            File.ReadAllText(_folder["out/counters.json"]));
    }

    [Fact]
    public void ACaptureThatCannotBeReadIsAUsageError()
    {
        string good = _folder.Write("acc0.pcap", TestCapture.Write([]));
        byte[] truncated = [.. TestCapture.Write([new(Start, new byte[60])]).AsSpan()[..^1]];
        (string Input, string File, string Reason)[] cases =
        [
            ($"acc0={_folder["none.pcap"]}", _folder["none.pcap"], "no such capture"),
            ($"acc0={_folder.Write("cut.pcap", truncated)}", _folder["cut.pcap"], "truncated"),
            ($"acc0={_folder.Write("text.pcap", "no capture")}", _folder["text.pcap"], "not a pcap file"),
            (_folder["other.pcap"], _folder["other.pcap"], "core0, acc0"),
            ($"acc1={good}", $"acc1={good}", "no port 'acc1'"),
        ];
        foreach ((string input, string file, string reason) in cases)
        {
            ProgramResult result = Run(Configuration(), [input]);
            Assert.Equal(2, result.ExitCode);
            Assert.StartsWith(file + ": error: ", result.Errors, StringComparison.Ordinal);
            Assert.Contains(reason, result.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(2, Run(Configuration(), [good, $"acc0={good}"]).ExitCode); // two for one port
        Assert.False(File.Exists(_folder["out/counters.json"]));
        // The input is where a result would be.
        Assert.Equal(2, DataplaneProgram.Run("replay", "--config", _folder["c.yaml"], "--in", good, "--out", _folder.Path).ExitCode);
        Assert.Equal(TestCapture.Write([]), File.ReadAllBytes(good));
    }

    private static byte[] RandomOctets(Random random)
    {
        byte[] octets = new byte[random.Next(1, 1600)];
        random.NextBytes(octets);
        return octets;
    }

    private static string Configuration(bool neighbor = true, bool coreFirst = true)
    {
        string neighbors = neighbor ? $$""", neighbors: [ { address: 203.0.113.44, mac: "{{Neighbor}}" } ]""" : "";
        string core = $$"""  - { name: core0, role: core, mac: "{{Core}}", addresses: [203.0.113.17/24]{{neighbors}} }""";
        const string Access = "  - { name: acc0, role: access }";
        return $$"""
            roles: [forwarder]
            ports:
            {{(coreFirst ? core : Access)}}
            {{(coreFirst ? Access : core)}}
            infrastructure: { address: 203.0.113.17 }
            vrfs:
              - name: blue
                label: 3000
                routes: [ { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 } ]
            interfaces:
              - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
            """;
    }

    private void Replay(string configuration, params IEnumerable<(string Port, TimedFrame[] Frames)> inputs)
    {
        string[] captures = [.. inputs.Select(input => _folder.Write(input.Port + ".pcap", TestCapture.Write(input.Frames)))];
        ProgramResult result = Run(configuration, captures);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal("", result.Errors);
    }

    private ProgramResult Run(string configuration, string[] inputs) => DataplaneProgram.Run(
        ["replay", "--config", _folder.Write("c.yaml", configuration), "--out", _folder["out"], .. inputs.SelectMany(static input => new[] { "--in", input })]);

    private IEnumerable<ulong> Times(string port) => TestCapture.Read(_folder[$"out/{port}.pcap"]).Select(static frame => frame.Microseconds);

    private byte[][] ReadResults() => [.. new[] { "acc0.pcap", "core0.pcap", "counters.json" }.Select(name => File.ReadAllBytes(_folder["out/" + name]))];

    private JsonElement Counters()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(_folder["out/counters.json"]));
        return document.RootElement.Clone();
    }
}

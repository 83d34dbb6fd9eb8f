using System.Diagnostics;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Tests;

/// <summary>The generated frames, read by tshark.</summary>
public sealed class TrafficTests
{
    private const string PlainV4 = "eth:ethertype:vlan:ethertype:ip:udp";
    private const string PlainV6 = "eth:ethertype:vlan:ethertype:ipv6:udp";

    public static TheoryData<string> Names => [.. Catalogue.Everything.Select(static workload => workload.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void FramesAreWhatTheScenarioSays(string name)
    {
        const int Count = 48;
        Workload workload = Catalogue.Find(name);
        Topology topology = workload.Topology();
        string protocols = name switch
        {
            "decap4-gre" => "eth:ethertype:ip:gre:mpls:ip:udp",
            "decap4-udp" => "eth:ethertype:ip:udp:mpls:ip:udp",
            "decap6-gre" => "eth:ethertype:ip:gre:mpls:ipv6:udp",
            "encap6-gre" => PlainV6,
            _ => PlainV4,
        };
        List<byte[]> frames = Traffic.Make(workload, topology, Count, seed: 5);
        string[][] decoded = Decode(frames, "frame.protocols", "mpls.label", "vlan.id", "ip.checksum.status", "udp.checksum.status", "ip.dst");
        Assert.Equal(Count, decoded.Length);
        foreach (string[] fields in decoded)
        {
            Assert.StartsWith(protocols, fields[0], StringComparison.Ordinal); // the ports are random, and tshark knows some
            Assert.DoesNotContain("0", fields[3].Split(','));
            Assert.DoesNotContain("0", fields[4].Split(','));
            if (topology.Direction == Direction.Decapsulate)
            {
                Assert.Contains(topology.Attachments, attachment => $"{attachment.Label}" == fields[1]);
                Assert.Equal($"{Topology.TunnelEnd}", fields[5].Split(',')[0]);
            }
            else
            {
                Assert.Contains(topology.Attachments, attachment => $"{attachment.Vlan}" == fields[2]);
            }
        }
    }

    [Fact]
    public void AllFramesDiffer()
    {
        Workload workload = Catalogue.Find("encap4-gre");
        List<byte[]> frames = Traffic.Make(workload, workload.Topology(), 65536, seed: 1);
        Assert.Equal(65536, frames.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void TheSameSeedMakesTheSameFrames()
    {
        Workload workload = Catalogue.Find("decap6-gre");
        string[] First(int seed) => [.. Traffic.Make(workload, workload.Topology(), 100, seed).Select(Convert.ToHexString)];
        Assert.Equal(First(7), First(7));
        Assert.NotEqual(First(7), First(8));
    }

    [Fact]
    public void ImixIsSevenFourOne()
    {
        Workload workload = Catalogue.Find("imix");
        Dictionary<int, int> lengths = Traffic.Make(workload, workload.Topology(), 1200, seed: 1).CountBy(static frame => frame.Length + 4).ToDictionary();
        Assert.Equal(700, lengths[64]);
        Assert.Equal(400, lengths[594]);
        Assert.Equal(100, lengths[1518]);
    }

    [Fact]
    public void TrafficOfChurnStaysInItsBusyVrfs()
    {
        Workload workload = Catalogue.Churn;
        Topology topology = workload.Topology();
        Assert.Equal(1_000_000, topology.Routes.Length);
        string[] macs = [.. Traffic.Make(workload, topology, 4096, seed: 1).Select(static frame => Convert.ToHexString(frame, 6, 6)).Distinct()];
        Assert.Equal(workload.BusyVrfs, macs.Length);
    }

    [Fact]
    public void ManyVrfsHaveAnInterfaceEachAndAMillionRoutes()
    {
        Topology topology = Catalogue.Find("vrf10k-routes1m").Topology();
        Assert.Equal((10_000, 1_000_000), (topology.Vrfs, topology.Routes.Length));
        Assert.Equal(10_000, topology.Attachments.Select(static attachment => (attachment.Vlan, attachment.Mac)).Distinct().Count());
        Assert.All(topology.Attachments, static attachment => Assert.InRange(attachment.Vlan, 1, 4094));
        Assert.Equal(1_000_000, topology.Routes.Select(static route => (route.Vrf, route.Destination)).Distinct().Count());
        Assert.All(topology.Routes, static route => Assert.InRange(route.Label, 16u, (1u << 20) - 1));
    }

    [Fact]
    public void CapturesAreReadAsTheyWereWritten()
    {
        string path = Path.GetTempFileName();
        byte[][] frames = [new byte[60], [1, 2, 3], new byte[1514]];
        CaptureFile.Write(path, frames);
        Assert.Equal(frames, CaptureFile.Read(path));
        File.Delete(path);
    }

    private static string[][] Decode(IReadOnlyList<byte[]> frames, params string[] fields)
    {
        string path = Path.GetTempFileName();
        CaptureFile.Write(path, frames);
        string[] arguments =
        [
            "-n", "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
            "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", .. fields.SelectMany(static field => new[] { "-e", field }),
        ];
        using Process tshark = Process.Start(new ProcessStartInfo("tshark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = tshark.StandardOutput.ReadToEnd();
        tshark.WaitForExit();
        File.Delete(path);
        Assert.Equal(0, tshark.ExitCode);
        return [.. output.TrimEnd('\n').Split('\n').Select(static line => line.Split('\t'))];
    }
}

using System.Globalization;

namespace Dataplane.Golden;

/// <summary>
/// An independent reading of our captures. A missing tshark is a failure, not a skipped test: without it nothing but our
/// own scripts would vouch for the frames.
/// </summary>
internal static class Tshark
{
    private const string Missing = "tshark is needed by the golden tests: apt-get install tshark";

    private static readonly string[] Verify =
    [
        "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
        "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.analyze_sequence_numbers:FALSE",
    ];

    /// <summary>
    /// Checksum status fields; 0 means bad. TCP's is not among them: tshark takes a segment that an ICMP error quotes in
    /// part for a whole one.
    /// </summary>
    private static readonly string[] Statuses =
    [
        "ip.checksum.status", "udp.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status", "gre.checksum.status",
        "vrrp.checksum.status",
    ];

    private static readonly string[] Decoded =
    [
        "frame.protocols", "eth.src", "eth.dst", "ieee8021ad.id", "vlan.id", "ip.src", "ip.dst", "ip.proto", "ipv6.src", "ipv6.dst", "ipv6.nxt",
        "gre.proto", "udp.dstport", "mpls.label", "mpls.exp", "mpls.ttl", "mpls.bottom",
        "arp.opcode", "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.proto_ipv4", "icmp.type", "icmp.code", "icmp.mtu", "icmpv6.type",
        "icmpv6.code", "icmpv6.mtu", "icmpv6.nd.na.target_address", "icmpv6.opt.linkaddr",
        "vrrp.virt_rtr_id", "vrrp.prio", "vrrp.short_adver_int", "vrrp.ip_addr", "vrrp.ipv6_addr",
    ];

    /// <summary>
    /// Per frame the fields that were found (every occurrence, outermost first, joined by commas) and what is wrong with it.
    /// </summary>
    public static IReadOnlyList<DecodedFrame> Decode(string capture)
    {
        string[] fields = ["_ws.malformed", .. Statuses, .. Decoded];
        var lines = Run([.. Verify, "-n", "-r", capture, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
            .. fields.SelectMany(field => new[] { "-e", field })]);
        return [.. lines.Select(line => Parse(fields, line))];
    }

    /// <summary>The one-line summary of a frame (index from 0).</summary>
    public static string Summary(string capture, int index)
    {
        var lines = Run(["-n", "-r", capture, "-Y", string.Create(CultureInfo.InvariantCulture, $"frame.number == {index + 1}")]);
        return lines.Count == 1 ? lines[0].Trim() : "(no such frame)";
    }

    /// <summary>Summaries of at most ten frames that tshark marks as malformed or as having a wrong checksum.</summary>
    public static IReadOnlyList<string> Objectionable(string capture)
    {
        var filter = string.Join(" || ", Statuses.Select(status => $"{status} == 0").Prepend("_ws.malformed"));
        return Run([.. Verify, "-n", "-r", capture, "-Y", filter]).Take(10).ToArray();
    }

    private static DecodedFrame Parse(string[] names, string line)
    {
        var values = line.Split('\t');
        Assert.Equal(names.Length, values.Length);
        var wrong = new List<string>();
        if (values[0].Length > 0)
        {
            wrong.Add("malformed");
        }
        for (var i = 1; i <= Statuses.Length; i++)
        {
            if (values[i].Split(',').Contains("0"))
            {
                wrong.Add($"{names[i]} bad");
            }
        }
        var found = new Dictionary<string, string>();
        for (var i = 1 + Statuses.Length; i < names.Length; i++)
        {
            found[names[i]] = values[i];
        }
        return new DecodedFrame(found, wrong);
    }

    private static List<string> Run(IEnumerable<string> arguments)
    {
        var result = ChildProcess.Run("tshark", arguments, TimeSpan.FromMinutes(10), Missing);
        Assert.True(result.ExitCode == 0, $"tshark failed ({result.ExitCode}): {result.Errors}");
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}

/// <summary>One frame as tshark reads it.</summary>
internal sealed record DecodedFrame(IReadOnlyDictionary<string, string> Fields, IReadOnlyList<string> Wrong)
{
    /// <summary>
    /// A field by tshark's name: every occurrence, but only the outermost of what a payload or a quoted packet may repeat. Or
    /// outer.src, outer.dst, outer.protocol: the outermost IP header's.
    /// </summary>
    public string this[string name]
    {
        get
        {
            var six = Fields["frame.protocols"].Split(':').First(layer => layer is "ip" or "ipv6" or "arp") == "ipv6";
            return name switch
            {
                "outer.src" => First(six ? "ipv6.src" : "ip.src"),
                "outer.dst" => First(six ? "ipv6.dst" : "ip.dst"),
                "outer.protocol" => First(six ? "ipv6.nxt" : "ip.proto"),
                "udp.dstport" or "icmp.type" or "icmpv6.type" => First(name),
                _ => Fields[name],
            };
        }
    }

    private string First(string name) => Fields[name].Split(',')[0];
}

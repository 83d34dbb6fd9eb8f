using System.Diagnostics;

namespace Dataplane.Bgp.Tests.Wire.Tshark;

/// <summary>What tshark reads in BGP messages. A missing tshark fails the tests that need it: nobody else would vouch for our octets.</summary>
internal static class TsharkReading
{
    /// <summary>The fields compared; prefixes of VPN-IPv6 and membership are text in tshark's tree and in none of its fields.</summary>
    public static string[] Fields { get; } =
    [
        "_ws.malformed", "bgp.type", "bgp.nlri_path_id", "bgp.nlri_prefix", "bgp.withdrawn_prefix", "bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv4_prefix",
        "bgp.mp_reach_nlri_ipv6_prefix", "bgp.mp_unreach_nlri_ipv6_prefix", "bgp.prefix_length", "bgp.label_stack", "bgp.rd",
        "bgp.flowspec_nlri", "bgp.originating_as",
        "bgp.update.path_attribute.next_hop",
        "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4", "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6",
        "bgp.update.path_attribute.type_code", "bgp.update.path_attribute.origin", "bgp.update.path_attribute.as_path_segment.type",
        "bgp.update.path_attribute.as_path_segment.as4", "bgp.update.path_attribute.local_pref", "bgp.update.path_attribute.multi_exit_disc",
        "bgp.update.path_attribute.community_as", "bgp.update.path_attribute.community_value", "bgp.large_communities.ga", "bgp.large_communities.ldp1",
        "bgp.large_communities.ldp2", "bgp.update.path_attribute.originator_id", "bgp.path_attribute.cluster_id",
        "bgp.update.attribute.aigp.accu_igp_metric", "bgp.ext_com.value_as2", "bgp.ext_com.value_an4",
    ];

    /// <summary>Reads messages, each into its fields; every occurrence of a field in order.</summary>
    /// <param name="messages">Whole messages.</param>
    /// <param name="asOctets">Octets of an AS number: 2 or 4.</param>
    public static List<Dictionary<string, string[]>> Read(IEnumerable<byte[]> messages, int asOctets = 4)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bgp-{Guid.NewGuid():n}.pcap");
        try
        {
            PcapFile.Write(path, messages);
            return [.. Run(path, asOctets).Select(Parse)];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string[] Run(string path, int asOctets)
    {
        var start = new ProcessStartInfo("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "-n", "-r", path, "-o", $"bgp.asn_len:{asOctets} octet", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
            "-E", "aggregator=|", .. Fields.SelectMany(field => new[] { "-e", field }),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("tshark is needed: apt-get install tshark");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Dictionary<string, string[]> Parse(string line)
    {
        var columns = line.Split('\t');
        Assert.Equal(Fields.Length, columns.Length);
        return Fields.Zip(columns).ToDictionary(pair => pair.First, pair => pair.Second.Length == 0 ? [] : pair.Second.Split('|'));
    }
}

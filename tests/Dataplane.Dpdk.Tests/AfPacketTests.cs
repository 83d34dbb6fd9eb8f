using System.Diagnostics;

namespace Dataplane.Dpdk.Tests;

/// <summary>net_af_packet on a veth pair in a network namespace of our own: what the pipeline must know about it.</summary>
public sealed class AfPacketTests : IDisposable
{
    private readonly string _namespace = $"dataplane-afp-{Environment.ProcessId}";

    public AfPacketTests()
    {
        Ip("netns", "add", _namespace);
        Ip("-n", _namespace, "link", "add", "va", "type", "veth", "peer", "name", "vb");
        Ip("-n", _namespace, "link", "set", "va", "up");
        Ip("-n", _namespace, "link", "set", "vb", "up");
    }

    public void Dispose() => Ip("netns", "delete", _namespace);

    private static string Ip(params string[] arguments)
    {
        ProcessStartInfo start = new("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process ip = Process.Start(start)!;
        string output = ip.StandardOutput.ReadToEnd();
        string errors = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        Assert.True(ip.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {errors}");
        return output;
    }

    [Fact]
    public void A_service_tag_arrives_as_a_customer_tag_in_the_frame()
    {
        string output = Ip("netns", "exec", _namespace, Environment.ProcessPath!, typeof(Child).Assembly.Location, "af-packet", "va", "vb");

        Assert.Contains("100 bytes, 810000050800, tag 5, headroom 124", output);
        string links = Ip("-n", _namespace, "link", "show");
        Assert.DoesNotContain("PROMISC", links);
        Assert.Contains("mtu 1400", links);
    }
}

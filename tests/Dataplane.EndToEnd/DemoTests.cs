using System.Text.RegularExpressions;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>
/// The demo as a reader starts it, without waiting: gateways, a real reflector, an external forwarder, hosts with forwarder and agent, a Linux PE as the
/// existing WAN. It proves itself what it shows; here it is held to having proved it.
/// </summary>
public sealed partial class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    /// <summary>What must be among the proofs, so that they do not quietly become fewer.</summary>
    private static readonly string[] Proofs =
    [
        "red1 > red2  IPv6", "red1 > red3  IPv4", "blue1 > blue3  IPv6", "red2 > vm  IPv4",
        "10.1.0.22/32 in BGP, of red and of blue", "red1 asks 10.1.0.22: who are you?", "blue1 asks 10.1.0.22: who are you?", "tenants' packets outside a tunnel",
        "red3 > dns", "blue3 > dns", "red3 > blue3", "red1 > the WAN's site", "frames with an inner Ethernet header",
        "green1 > green2  IPv4", "packets into the middle box", "sessions that ended meanwhile", "hv2 knows all spokes for the hub",
        "routes that hv2 knew before it came", "longest gap of a probe each millisecond", "a TCP connection with red2", "a lower version is refused",
        "tor has its routes from sg2", "probes answered, three flows throughout", "changes of a route at any forwarder",
    ];

    [Fact]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "ARC-03")]
    [Trait("Requirement", "ARC-04")]
    [Trait("Requirement", "ARC-05")]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "ARC-09")]
    [Trait("Requirement", "ARC-13")]
    [Trait("Requirement", "MOB-01")]
    [Trait("Requirement", "MOB-04")]
    [Trait("Requirement", "SCL-09")]
    public void TheDemoProvesWhatItShows()
    {
        CommandResult before = Command.Run(["ip", "netns", "list"]);
        CommandResult demo = Command.Run(["/usr/bin/python3", "-B", Path.Combine(Testbed.Repository, "scripts", "demo", "demo.py"), "--check"], Patience);
        Assert.True(demo.ExitCode == 0, demo.All);
        Match sum = Sum().Match(demo.Output);
        Assert.True(sum.Success && sum.Groups[1].Value == sum.Groups[2].Value, demo.All);
        string[] missing = [.. Proofs.Where(proof => !demo.Output.Contains($"  ok    {proof}", StringComparison.Ordinal))];
        Assert.True(missing.Length == 0, $"not proved: {string.Join(", ", missing)}\n{demo.All}");
        Assert.DoesNotContain("FAIL", demo.Output, StringComparison.Ordinal);
        Assert.Equal(Demo(before), Demo(Command.Run(["ip", "netns", "list"])));
        Assert.False(Directory.Exists("/run/dpdemo"));
    }

    private static int Demo(CommandResult namespaces) => namespaces.Output.Split('\n').Count(static line => line.StartsWith("dpdemo-", StringComparison.Ordinal));

    [GeneratedRegex(@"^(\d+) of (\d+) proofs hold", RegexOptions.Multiline)]
    private static partial Regex Sum();
}

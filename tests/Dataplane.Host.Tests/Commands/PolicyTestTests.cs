using System.Text.Json.Nodes;

namespace Dataplane.Host.Tests.Commands;

/// <summary><c>dataplane policy test</c> as an operator uses it, on the example of a gateway.</summary>
public sealed class PolicyTestTests : IDisposable
{
    private static readonly string Example = Path.Combine(AppContext.BaseDirectory, "Examples", "gateway.yaml");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ProgramResult Test(string policy, params IEnumerable<string> more) =>
        DataplaneProgram.Run(["policy", "test", "--config", Example, "--policy", policy, .. more]);

    [Fact]
    public void TellsTheDecisionTheTermAndTheChanges()
    {
        ProgramResult result = Test("from-wan", "--route", "203.0.113.0/24 rt=65000:1 as-path=65010,7,64512 source=ebgp rd=65000:9");
        Assert.Equal("", result.Errors);
        Assert.StartsWith(
            "vpn-ipv4 65000:9 203.0.113.0/24: accepted with changes by term 'known-vpns' of policy 'from-wan'\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(["  local-pref: none -> 80", "  communities: none -> 65000:10"], result.Output.Split('\n')[1..^1].Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void OneRejectedRouteIsEnoughForExitCodeOne()
    {
        ProgramResult result = Test("from-wan", "--route", "203.0.113.0/24 rt=65000:1", "--route", "198.51.100.0/25 rt=65000:1", "--route", "2001:db8:9::/48 rt=7:1");
        Assert.Equal(1, result.ExitCode);
        string[] lines = result.Output.Split('\n');
        Assert.StartsWith("vpn-ipv4 0:0 203.0.113.0/24: accepted with changes", lines[0], StringComparison.Ordinal);
        Assert.Contains("vpn-ipv4 0:0 198.51.100.0/25: rejected by term 'never-our-own' of policy 'from-wan'", lines);
        Assert.Contains("vpn-ipv6 0:0 2001:db8:9::/48: rejected by the default of policy 'from-wan'", lines);
    }

    [Fact]
    public void FilesAreLinesOrJsonAndAnswersMayBeJson()
    {
        string lines = _folder.Write("routes.txt", "# ours\n198.51.100.0/25 communities=65000:1,65001:9 med=7\n\n10.0.0.0/8 family=ipv4-unicast\n");
        string json = _folder.Write("routes.json", """[{ "prefix": "198.51.100.7/32", "communities": ["no-export"], "local-pref": 200 }]""");
        ProgramResult result = Test("to-wan", "--routes", lines, "--routes", json, "--json");
        Assert.Equal(1, result.ExitCode);
        JsonArray answers = JsonNode.Parse(result.Output)!.AsArray();
        Assert.Equal([true, false, false], answers.Select(static answer => answer!["accepted"]!.GetValue<bool>()));
        Assert.Equal("only-ours", answers[0]!["term"]!.GetValue<string>());
        Assert.Equal(
            ["communities: 65000:1 65001:9 -> 65001:9", "med: 7 -> 100"],
            answers[0]!["changes"]!.AsArray().Select(static change => $"{change!["attribute"]}: {change["before"]} -> {change["after"]}").Order(StringComparer.Ordinal));
        Assert.Null(answers[2]!["term"]);
    }

    [Theory]
    [InlineData("from-wan", "a route begins with its prefix", "--route", "rt=65000:1")]
    [InlineData("from-wam", "has no policy 'from-wam'; did you mean 'from-wan'?", "--route", "10.0.0.0/8")]
    [InlineData("from-wan", "there is no route to try")]
    [InlineData("from-wan", "a route has nothing called 'comunities'; did you mean 'communities'?", "--route", "10.0.0.0/8 comunities=1:1")]
    [InlineData("from-wan", "'65536:1' is no value for 'communities'; write for instance 65000:1", "--route", "10.0.0.0/8 communities=65536:1")]
    [InlineData("from-wan", "10.0.0.0/8 cannot be a route of the family vpn-ipv6", "--family", "vpn-ipv6", "--route", "10.0.0.0/8")]
    [InlineData("from-wan", "'med' is given twice", "--route", "10.0.0.0/8 med=1 med=2")]
    [InlineData("from-wan", "there is no family 'vpnv4'", "--family", "vpnv4", "--route", "10.0.0.0/8")]
    public void MistakesAreTold(string policy, string message, params string[] more)
    {
        ProgramResult result = Test(policy, more);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void MistakesInFilesAreToldWithTheLine()
    {
        string file = _folder.Write("routes.txt", "10.0.0.0/8\n10.0.0.0/8 rd=blue\n");
        ProgramResult result = Test("from-wan", "--routes", file);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"{file}:2: error: 'blue' is no value for 'rd'", result.Errors, StringComparison.Ordinal);
    }
}

using System.Net;
using System.Text.Json;
using Dataplane.Host.Commands;
using Dataplane.Host.Gateway;
using Dataplane.Host.Management;
using Dataplane.Host.Management.Show;
using Dataplane.Host.Metrics;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Rib;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dataplane.Host.Tests.Management;

public sealed class ManagementApiTests
{
    [Fact]
    public async Task TheSocketIsForOwnerAndGroupAndLeavesNothingBehind()
    {
        string folder;
        await using (ManagementLab lab = await ManagementLab.StartAsync("root"))
        {
            folder = lab.Folder;
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(lab.Socket));
                foreach (var inner in Directory.GetDirectories(folder))
                {
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(inner));
                }
            }

            var other = new ManagementServer(new() { Socket = lab.Socket, Group = null }, static () => null, new(NullLogger.Instance), NullLoggerFactory.Instance);
            Assert.Contains("served by another", (await Assert.ThrowsAsync<GatewayException>(() => other.StartAsync(default))).Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task AGroupThatDoesNotExistIsTold() =>
        Assert.Contains("no-such-group", (await Assert.ThrowsAsync<GatewayException>(() => ManagementLab.StartAsync("no-such-group"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/v1/nothing", 404, "no GET /v1/nothing")]
    [InlineData("/v1/bgp/neighbors/10.0.0.7", 404, "no neighbor 10.0.0.7")]
    [InlineData("/v1/bgp/neighbors/peer", 400, "'peer' is no address")]
    [InlineData("/v1/bgp/summary?x=1", 400, "'x' is no parameter")]
    [InlineData("/v1/bgp/routes/vpnv4", 404, "'vpnv4' is no family; there are ipv4-unicast")]
    [InlineData("/v1/bgp/routes/vpn-ipv4?limit=0", 400, "'limit': '0' is no number from 1 to 1000")]
    [InlineData("/v1/bgp/routes/vpn-ipv4?rt=x", 400, "'x' is no route target")]
    [InlineData("/v1/bgp/routes/vpn-ipv4?prefix=10.0.0.1/8", 400, "'prefix'")]
    [InlineData("/v1/bgp/routes/vpn-ipv4?vrf=red", 404, "no VRF 'red'")]
    [InlineData("/v1/bgp/routes/vpn-ipv4?advertised=true", 400, "'advertised' needs a 'neighbor'")]
    [InlineData("/v1/bgp/routes/ipv4-unicast?rd=65000:1", 400, "have no route distinguisher")]
    [InlineData("/v1/bgp/routes/ipv4-unicast?limit=1&limit=2", 400, "more than one value")]
    [InlineData("/v1/bgp/routes/vpn-ipv4/10.0.0.0%2F8/explain", 400, "does not begin with a route distinguisher")]
    [InlineData("/v1/bgp/routes/ipv4-unicast/10.0.0.0/8/explain", 404, "no route to 10.0.0.0/8")]
    [InlineData("/v1/vrfs/red/routes", 404, "no VRF 'red'")]
    public async Task WhatIsWrongIsNamed(string path, int status, string detail)
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        var (seen, body, type) = await lab.SendAsync(path);
        Assert.Equal(((HttpStatusCode)status, "application/problem+json"), (seen, type));
        Assert.Contains(detail, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(status, body.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task OperationsChangeSessionsAndAreRefusedWhenTheyCannotBeDone()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await lab.SendAsync("/v1/bgp/neighbors/10.0.0.1/disable?text=card", HttpMethod.Post)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await lab.SendAsync("/v1/bgp/neighbors/10.0.0.1/refresh", HttpMethod.Post)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await lab.SendAsync("/v1/bgp/neighbors/10.0.0.1/explode", HttpMethod.Post)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await lab.SendAsync("/v1/bgp/neighbors/10.0.0.7/reset", HttpMethod.Post)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await lab.SendAsync($"/v1/bgp/neighbors/10.0.0.1/reset?text={new string('x', 256)}", HttpMethod.Post)).Status);
        Assert.Equal("on", (await lab.SendAsync("/v1/bgp/neighbors/10.0.0.1/trace/on", HttpMethod.Post)).Body.GetProperty("trace").GetString());
    }

    [Fact]
    [Trait("Requirement", "SIG-24")]
    [Trait("Requirement", "MGT-06")]
    public async Task AVrfShowsPrefixNextHopLabelAndHowLearned()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        var text = Rendering.VrfRoutes(await lab.GetAsync("/v1/vrfs/blue/routes"));
        string[] lines = [.. text.Split('\n').Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal("Prefix Next hop Label Known via Source", lines[0]);
        Assert.Contains("> 10.1.0.0/24 10.0.0.2 17 bgp 10.0.0.2 (leaf)", lines);
        Assert.Contains("> 10.9.0.0/24 10.0.0.9 99 local vrf", lines);
        Assert.DoesNotContain("10.2.0.0", text, StringComparison.Ordinal);
        Assert.Contains("blue", Rendering.Vrfs(await lab.GetAsync("/v1/vrfs")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADecisionIsExplained()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        JsonElement answer = await lab.GetAsync("/v1/bgp/routes/vpn-ipv4/65000%3A1%3A10.1.0.0%2F24/explain");
        JsonElement[] paths = [.. answer.GetProperty("paths").EnumerateArray()];
        Assert.Equal("the best path", paths[0].GetProperty("explanation").GetString());
        Assert.Equal("local-preference", paths[1].GetProperty("decidedBy").GetString());
        Assert.Equal("lower LOCAL_PREF than the path from 10.0.0.2 (leaf)", paths[1].GetProperty("explanation").GetString());
        Assert.Equal("blue", answer.GetProperty("importedInto")[0].GetString());
        Assert.Contains("lower LOCAL_PREF", Rendering.Explained(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RoutesComeInPagesAndFilters()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        var seen = new List<string?>();
        string? cursor = "0";
        while (cursor is not null)
        {
            JsonElement page = await lab.GetAsync($"/v1/bgp/routes/vpn-ipv4?limit=1&cursor={cursor}");
            seen.AddRange(page.GetProperty("routes").EnumerateArray().Select(static route => route.GetProperty("nlri").GetString()));
            cursor = page.TryGetProperty("cursor", out JsonElement next) ? next.GetString() : null;
        }

        Assert.Equal(3, seen.Distinct().Count());
        Assert.Equal(3, seen.Count);
        Assert.Equal(1, await CountAsync("rt=65000:2"));
        Assert.Equal(2, await CountAsync("rd=65000:1&neighbor=10.0.0.1") + await CountAsync("rd=65000:2&neighbor=10.0.0.1"));
        Assert.Equal(2, await CountAsync("vrf=blue"));
        Assert.Equal(1, await CountAsync("prefix=10.2.0.0/16"));
        Assert.Equal(0, await CountAsync("neighbor=10.0.0.1&advertised=true"));
        Assert.Contains("65000:1:10.1.0.0/24", Rendering.Routes(await lab.GetAsync("/v1/bgp/routes/vpn-ipv4")), StringComparison.Ordinal);

        async Task<int> CountAsync(string query) => (await lab.GetAsync($"/v1/bgp/routes/vpn-ipv4?{query}")).GetProperty("routes").GetArrayLength();
    }

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public async Task SummaryNeighborsAndMembershipsAreShown()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        Assert.Contains("10.0.0.1", Rendering.Summary(await lab.GetAsync("/v1/bgp/summary")), StringComparison.Ordinal);
        Assert.Contains("vpn-ipv4", (await lab.GetAsync("/v1/bgp/summary")).ToString(), StringComparison.Ordinal);
        Assert.Contains("leaf", Rendering.Neighbors(await lab.GetAsync("/v1/bgp/neighbors")), StringComparison.Ordinal);
        Assert.Contains("idle", Rendering.Neighbors(await lab.GetAsync("/v1/bgp/neighbors/10.0.0.1")), StringComparison.Ordinal);
        Assert.Contains("65000:1", Rendering.Memberships(await lab.GetAsync("/v1/bgp/rt-constraint")), StringComparison.Ordinal);
        Assert.Equal(0, (await lab.GetAsync("/v1/bgp/bmp")).GetProperty("stations").GetArrayLength());
    }

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public async Task MetricsHaveNeighborsAndTables()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        var text = new PrometheusText();
        GatewayMetrics.Write(text, lab.Access);
        Assert.Contains("dataplane_gateway_up 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("dataplane_bgp_peer_state{peer=\"10.0.0.1\"} 1\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("dataplane_rib_destinations{family=\"vpn-ipv4\"} 3\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "MGT-08")]
    public async Task HowOftenTheTermsOfPoliciesAppliedIsShown()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        lab.On(() =>
        {
            var route = new AttributeBlockBuilder();
            route.SetOrigin(0);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(PolicyResult.Accepted, lab.Policies.Find("edge")!.Apply(route.Block, default, RouteFamily.VpnIpv4, default, new AttributeBlockBuilder()));
            }
        });
        JsonElement edge = (await lab.GetAsync("/v1/policies")).GetProperty("policies").EnumerateArray().Single(static policy => policy.GetProperty("name").GetString() == "edge");
        Assert.Equal(
            [("all", 3), ("last", 3), ("(default)", 0)],
            edge.GetProperty("terms").EnumerateArray().Select(static term => (term.GetProperty("name").GetString()!, term.GetProperty("routes").GetInt32())));
        Assert.Contains("last", Rendering.Policies(await lab.GetAsync("/v1/policies")), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, DataplaneCommand.Invoke(["show", "bgp", "policies", "--socket", lab.Socket]));
        var text = new PrometheusText();
        GatewayMetrics.Write(text, lab.Access);
        Assert.Contains("dataplane_policy_term_applied_total{policy=\"edge\",term=\"last\"} 3\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("dataplane_policy_term_applied_total{policy=\"edge\",term=\"(default)\"} 0\n", text.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Flow specifications are listed in the order in which they are applied, whatever order they came in (RFC 8955 §5.1).</summary>
    [Fact]
    public async Task FlowSpecificationsAreListedInTheOrderOfApplication()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        lab.On(() =>
        {
            RoutingBase routes = lab.Access.Routes;
            foreach (var rule in new[] { "01080A", "01180A0101", "0110" + "1401" + "038106", "0110" + "0A01" + "038106", "038106" })
            {
                var number = routes.FlowSpecs.Intern(Convert.FromHexString(rule));
                var builder = new AttributeBlockBuilder();
                builder.SetOrigin(0);
                AttributeSetId set = routes.Attributes.Intern(builder.Block);
                routes.Attributes.Acquire(set);
                _ = routes[RouteFamily.Ipv4FlowSpec].Announce(new(default, 0, number, 0), lab.Access.Speaker.Peers[0].Source, 0, set, set, 0);
                routes.FlowSpecs.Release(number);
            }
        });
        string[] listed = [.. (await lab.GetAsync("/v1/bgp/routes/ipv4-flowspec?received=true")).GetProperty("routes").EnumerateArray()
            .Select(static route => route.GetProperty("nlri").GetString()!)];
        Assert.Equal(5, listed.Length);
        JsonElement first = await lab.GetAsync("/v1/bgp/routes/ipv4-flowspec?received=true&limit=2");
        JsonElement next = await lab.GetAsync($"/v1/bgp/routes/ipv4-flowspec?received=true&cursor={first.GetProperty("cursor").GetString()}");
        Assert.Equal(listed, first.GetProperty("routes").EnumerateArray().Concat(next.GetProperty("routes").EnumerateArray()).Select(static route => route.GetProperty("nlri").GetString()!));
        FlowSpecStore store = lab.Access.Routes.FlowSpecs;
        byte[][] octets = [.. listed.Select(text =>
        {
            Assert.Null(NlriText.TryParse(RouteFamily.Ipv4FlowSpec, text, store, out Nlri nlri));
            return store.Octets((uint)nlri.Low).ToArray();
        })];
        Assert.All(octets.Zip(octets.Skip(1)), static pair => Assert.True(FlowSpecOrder.Compare(pair.First, pair.Second, Net.AddressFamily.Ipv4) < 0));
    }

    [Fact]
    public void TablesAlignNumbersRightAndTextLeft()
    {
        var table = new TextTable("Name", "Count");
        table.Add("a", "5");
        table.Add("longer", null);
        Assert.Equal("Name    Count\na           5\nlonger      -\n", table.ToString());
    }

    [Fact]
    public async Task ShowAsksTheSocket()
    {
        await using ManagementLab lab = await ManagementLab.StartAsync();
        Assert.Equal(ExitCode.Success, DataplaneCommand.Invoke(["show", "bgp", "summary", "--socket", lab.Socket]));
        Assert.Equal(ExitCode.Success, DataplaneCommand.Invoke(["show", "vrf", "blue", "--json", "--socket", lab.Socket]));
        Assert.Equal(ExitCode.Failure, DataplaneCommand.Invoke(["show", "vrf", "red", "--socket", lab.Socket]));
        Assert.Equal(ExitCode.Failure, DataplaneCommand.Invoke(["show", "vrf", "--socket", lab.Socket + ".not"]));
    }
}

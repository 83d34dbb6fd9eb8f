using System.Net;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd;

/// <summary>The pages that a running forwarder serves on its loopback.</summary>
[Collection(TwoSitesCollection.Name)]
public sealed class ManagementTests(TwoSites sites)
{
    [Fact]
    public void MetricsAreCleanForPromtool()
    {
        foreach (ForwarderProcess forwarder in new[] { sites.A, sites.B })
        {
            Assert.Equal("", Promtool.Objections(sites.ScratchDirectory, forwarder.Get("/metrics")));
        }
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public void HealthPagesSayOk(string page) => Assert.Equal(HttpStatusCode.OK, sites.A.StatusOf(page));

    [Fact]
    public void MetricsAreServedOnLoopbackOnly()
    {
        string listeners = sites.A.Space.Require("ss", "-Hltn");
        Assert.Contains(ForwarderProcess.MetricsAddress, listeners, StringComparison.Ordinal);
        Assert.All(listeners.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains("127.0.0.1", line, StringComparison.Ordinal));
    }

    /// <summary>Every packet of the running forwarders is accounted for; between two bursts, so some tries may be needed.</summary>
    [Theory]
    [InlineData("received")]
    [InlineData("injected")]
    public void TheLedgersBalance(string ledger)
    {
        Assert.Equal(1, sites.RedA.Ping(sites.RedB.Address4, count: 1).Received);
        foreach (ForwarderProcess forwarder in new[] { sites.A, sites.B })
        {
            Wait.Until($"the {ledger} ledger to balance", () =>
            {
                Exposition metrics = forwarder.Metrics();
                double Column(string name) => metrics.Sum("dataplane_ledger_packets_total", ("ledger", ledger), ("column", name));
                return Column("rx") > 0 && Column("rx") == Column("tx") + Column("punted") + Column("dropped");
            });
        }
    }
}

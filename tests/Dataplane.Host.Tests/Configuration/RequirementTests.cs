using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Requirements that hold because a configuration which breaks them is refused or warned about.</summary>
public sealed class RequirementTests
{
    private static ConfigurationDiagnostic Finding(string more) => Assert.Single(
        ConfigurationLoader.Parse(SampleFile.With() + more, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);

    [Fact]
    [Trait("Requirement", "EXT-03")]
    public void OneHostUsesEachVlanOnce()
    {
        const string First = "  - { name: x, port: acc0, vlan: 5, mac: \"02:00:00:00:00:01\", vrf: blue, label: 16, addresses: [10.0.0.1/32] }\n";
        var finding = Finding(First + "  - { name: y, port: acc0, vlan: 5, mac: \"02:00:00:00:00:01\", vrf: red, label: 17, addresses: [10.0.0.1/32] }\n");
        Assert.Equal(DiagnosticSeverity.Error, finding.Severity);
        Assert.Contains("interface 'y' overlaps 'x'", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SEC-04")]
    public void TenantsAreNeverAttachedToTheUnderlay()
    {
        var finding = Finding("  - { name: x, port: core0, vlan: 5, vrf: blue, label: 16, addresses: [10.0.0.1/32] }\n");
        Assert.Equal(DiagnosticSeverity.Error, finding.Severity);
    }

    [Fact]
    [Trait("Requirement", "SEC-10")]
    public void TenantAddressesInsideTheInfrastructureAreWarnedAbout()
    {
        var finding = Finding("  - { name: x, port: acc0, vlan: 5, vrf: blue, label: 16, addresses: [203.0.113.128/25] }\n");
        Assert.Equal(DiagnosticSeverity.Warning, finding.Severity);
        Assert.Contains("SEC-10", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "FWD-10")]
    public void RouteToOurselvesThatConfirmsNothingIsWarnedAbout()
    {
        var yaml = SampleFile.With().Replace("next-hop: 203.0.113.44, label: 61200", "next-hop: 203.0.113.17, label: 61200", StringComparison.Ordinal);
        var finding = Assert.Single(ConfigurationLoader.Parse(yaml, "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);
        Assert.Equal(DiagnosticSeverity.Warning, finding.Severity);
        Assert.Contains("is not installed", finding.Message, StringComparison.Ordinal);
    }
}

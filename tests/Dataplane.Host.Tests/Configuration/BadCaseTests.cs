using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Each wrong file gets exactly its one finding, at the exact place, in words that help.</summary>
public sealed class BadCaseTests
{
    private static readonly IReadOnlyDictionary<string, BadCase> Cases =
        new[] { YamlCases.All, ValueCases.All, PortCases.All, UnderlayCases.All, VrfCases.All, InterfaceCases.All, MachineCases.All, GatewayCases.All, PeerCases.All, PolicyCases.All, VrrpCases.All, SignalingCases.All }
            .SelectMany(static c => c).ToDictionary(static c => c.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    public static TheoryData<string> NamesSeenBySchema => [.. Cases.Values.Where(static c => c.SchemaSeesIt).Select(static c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsReportedOnceAndInPlace(string name)
    {
        var bad = Cases[name];
        var (yaml, line, column) = TakeMarker(bad.Yaml);
        var result = ConfigurationLoader.Parse(yaml, "lab.yaml", bad.Purpose, bad.Kernel);

        var finding = Assert.Single(result.Diagnostics);
        Assert.Equal((line, column), (finding.Line, finding.Column));
        Assert.Contains(bad.Message, finding.Message, StringComparison.Ordinal);
        Assert.Equal(bad.Severity, finding.Severity);
        Assert.Equal(bad.Severity == DiagnosticSeverity.Error, result.Configuration is null);
        Assert.StartsWith($"lab.yaml:{line}:{column}: {(bad.Severity == DiagnosticSeverity.Error ? "error" : "warning")}: ", finding.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', finding.Message);
        Assert.False(finding.Message.EndsWith('.'));
    }

    [Theory]
    [MemberData(nameof(NamesSeenBySchema))]
    public void IsMarkedByEditorsToo(string name)
    {
        var (yaml, _, _) = TakeMarker(Cases[name].Yaml);
        var root = YamlDocument.Read(yaml, new DiagnosticSink("lab.yaml"));
        Assert.NotNull(JsonSchemaCheck.Mismatch(ConfigurationSchema.Create(), root!));
    }

    [Fact]
    public void TheFileTheCasesStartFromIsGood()
    {
        var result = ConfigurationLoader.Parse(SampleFile.With(), "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Empty(result.Diagnostics);
        Assert.NotNull(result.Configuration);
        Assert.True(Cases.Count >= 100, $"{Cases.Count} cases");
    }

    [Fact]
    public void TheGatewayThatCasesStartFromIsGood()
    {
        var result = ConfigurationLoader.Parse(GatewaySample.With(), "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Empty(result.Diagnostics);
        Assert.NotNull(result.Configuration);
    }

    private static (string Yaml, int Line, int Column) TakeMarker(string yaml)
    {
        var at = yaml.IndexOf('§', StringComparison.Ordinal);
        Assert.True(at >= 0 && yaml.LastIndexOf('§') == at, "a case has one marker");
        var before = yaml[..at];
        return (yaml.Remove(at, 1), 1 + before.Count(static c => c == '\n'), at - before.LastIndexOf('\n'));
    }
}

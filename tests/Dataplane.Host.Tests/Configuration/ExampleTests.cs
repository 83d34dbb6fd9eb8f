using System.Text.RegularExpressions;
using Dataplane.Host.Configuration;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Files we hand out or use ourselves load, and editors find nothing wrong with them either.</summary>
public sealed class ExampleTests
{
    private const string Secrets = "/etc/dataplane/";

    public static TheoryData<string> Examples => [.. ExampleNames];

    public static TheoryData<string> GoldenCases => [.. Directory.EnumerateFiles(
        Path.Combine(RepositoryFiles.Root, "pcaps"), "config.yaml", SearchOption.AllDirectories).Select(static p => Path.GetRelativePath(RepositoryFiles.Root, p))];

    public static TheoryData<string> DemoFiles => [.. Directory.EnumerateFiles(
        Path.Combine(RepositoryFiles.Root, "scripts"), "*.yaml", SearchOption.AllDirectories).Select(static p => Path.GetRelativePath(RepositoryFiles.Root, p))];

    private static IEnumerable<string> ExampleNames => Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Examples"), "*.yaml").Select(static p => Path.GetFileName(p)!);

    [Theory]
    [MemberData(nameof(Examples))]
    public void ExampleHasNoDiagnostics(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Examples", name);
        var purpose = name.StartsWith("replay", StringComparison.Ordinal) ? ConfigurationPurpose.Replay : ConfigurationPurpose.Run;

        // Certificates and keys have to be there: here they are elsewhere, and empty.
        using var folder = new TemporaryFolder();
        var text = File.ReadAllText(path).Replace(Secrets, folder.Path + "/", StringComparison.Ordinal);
        foreach (Match file in Regex.Matches(text, $@"(?<={Regex.Escape(folder.Path)}/)\S+\.(crt|key)"))
        {
            _ = folder.Write(file.Value, "");
        }

        var result = ConfigurationLoader.Load(folder.Write(name, text), purpose, new FakeKernelView { DefaultRouteInterfaces = ["eth0"] });
        Assert.Empty(result.Diagnostics);
        Assert.NotNull(result.Configuration);

        const string Modeline = "# yaml-language-server: $schema=";
        var first = File.ReadLines(path).First();
        Assert.StartsWith(Modeline, first, StringComparison.Ordinal);
        var schema = Path.Combine(Path.GetDirectoryName(path)!, first[Modeline.Length..]);
        Assert.True(File.Exists(schema), schema);
        AssertMatchesSchema(path);
    }

    [Fact]
    public void ThereIsAnExampleForEachWayToUseIt() =>
        Assert.Equal(["agent-host.yaml", "external-forwarder.yaml", "gateway.yaml", "host.yaml", "pe.yaml", "replay-lab.yaml", "tagged-host.yaml", "tor.yaml"], ExampleNames.Order());

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void GoldenCaseLoadsForReplay(string path) => AssertLoads(path, ConfigurationPurpose.Replay);

    [Theory]
    [MemberData(nameof(DemoFiles))]
    public void DemoFileLoads(string path) => AssertLoads(path, ConfigurationPurpose.Run);

    private static void AssertLoads(string relative, ConfigurationPurpose purpose)
    {
        var path = Path.Combine(RepositoryFiles.Root, relative);
        Assert.Empty(ConfigurationLoader.Load(path, purpose, FakeKernelView.Default).Errors);
        AssertMatchesSchema(path);
    }

    private static void AssertMatchesSchema(string path)
    {
        var root = YamlDocument.Read(File.ReadAllText(path), new DiagnosticSink(path));
        Assert.Null(JsonSchemaCheck.Mismatch(ConfigurationSchema.Create(), root!));
    }
}

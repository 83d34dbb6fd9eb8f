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

    // What the gateways provision by is a part of their files, and read with them.
    public static TheoryData<string> DemoFiles => [.. Directory.EnumerateFiles(
        Path.Combine(RepositoryFiles.Root, "scripts"), "*.yaml", SearchOption.AllDirectories)
        .Where(static p => Path.GetFileName(p) != "end-systems.yaml").Select(static p => Path.GetRelativePath(RepositoryFiles.Root, p))];

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
    public void DemoFileLoads(string path)
    {
        // The demo makes its certificates, and puts its files there, when it runs.
        const string Certificates = "/run/dpdemo/pki";
        var full = Path.Combine(RepositoryFiles.Root, path);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("dataplane-demo-");
        try
        {
            var text = File.ReadAllText(full);
            foreach (var name in text.Split([Certificates + "/"], StringSplitOptions.None).Skip(1).Select(static rest => rest.Split('\n', ' ')[0]))
            {
                File.WriteAllText(Path.Combine(directory.FullName, name), "");
            }

            Assert.Empty(ConfigurationLoader.Parse(
                text.Replace(Certificates, directory.FullName, StringComparison.Ordinal).Replace("/run/dpdemo/config", Path.GetDirectoryName(full)!, StringComparison.Ordinal), full, ConfigurationPurpose.Run, FakeKernelView.Default).Errors);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        AssertMatchesSchema(full);
    }

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

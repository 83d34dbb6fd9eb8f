using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dataplane.Host.Tests.Configuration;

namespace Dataplane.Host.Tests;

/// <summary>The house rules that sources can be held against: direction of dependencies, pointers, imports, sizes, names.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 500;

    /// <summary>A project may use those of lower layers only; Bgp and Xmpp do not know each other.</summary>
    private static readonly Dictionary<string, int> Layers = new(StringComparer.Ordinal)
    {
        ["Dataplane.Net"] = 0,
        ["Dataplane.Dpdk"] = 1,
        ["Dataplane.Forwarding"] = 2,
        ["Dataplane.SlowPath"] = 3,
        ["Dataplane.Routing"] = 4,
        ["Dataplane.Bgp"] = 5,
        ["Dataplane.Xmpp"] = 5,
        ["Dataplane.Host"] = 6,
    };

    private static readonly string[] WithPointers = ["Dataplane.Dpdk", "Dataplane.Forwarding"];

    private static string Sources => Path.Combine(RepositoryFiles.Root, "src");

    [Fact]
    public void DependenciesPointOneWay()
    {
        string[] projects = Directory.GetFiles(Sources, "*.csproj", SearchOption.AllDirectories);
        Assert.Contains(projects, static project => Path.GetFileName(project) == "Dataplane.Host.csproj");
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            Assert.True(Layers.TryGetValue(name, out int layer), $"{name} has no place among the layers");
            foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                string used = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
                Assert.True(Layers.TryGetValue(used, out int lower) && lower < layer, $"{name} must not use {used}");
            }
        }
    }

    [Fact]
    public void PointersAreInDpdkAndForwardingOnly()
    {
        foreach (string project in Directory.GetFiles(Sources, "*.csproj", SearchOption.AllDirectories))
        {
            bool allows = XDocument.Load(project).Descendants("AllowUnsafeBlocks").Any(static element => element.Value == "true");
            Assert.Equal(WithPointers.Contains(Path.GetFileNameWithoutExtension(project)), allows);
        }
    }

    [Fact]
    public void NativeFunctionsAreImportedInDpdkOnly()
    {
        string[] importing = [.. Files().Where(static file => Import().IsMatch(File.ReadAllText(file)))];
        Assert.NotEmpty(importing);
        Assert.All(importing, static file => Assert.Equal("Dataplane.Dpdk", ProjectOf(file)));
    }

    [Fact]
    public void FilesAreShort() => Assert.All(Files(), static file =>
        Assert.True(File.ReadLines(file).Count() <= LongestFile, $"{file} has more than {LongestFile} lines"));

    [Fact]
    public void TypesAreNamedForWhatTheyAre() => Assert.All(Files(), static file =>
        Assert.DoesNotMatch(VagueName(), File.ReadAllText(file)));

    private static string ProjectOf(string file) => Path.GetRelativePath(Sources, file).Split(Path.DirectorySeparatorChar)[0];

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
        .Where(static file => !Built().IsMatch(Path.GetRelativePath(Sources, file)));

    [GeneratedRegex("(^|/)(bin|obj)/")]
    private static partial Regex Built();

    [GeneratedRegex(@"\[(DllImport|LibraryImport)\b")]
    private static partial Regex Import();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Utils?|Utilities|Helpers?|Managers?)\b")]
    private static partial Regex VagueName();
}

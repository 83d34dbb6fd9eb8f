using System.Text;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>What is generated from the key descriptions and checked in. To renew: run with DATAPLANE_WRITE_GENERATED=1.</summary>
public sealed class GeneratedFilesTests
{
    [Fact]
    public void SchemaIsUpToDate()
    {
        using var stream = new MemoryStream();
        ConfigurationSchema.Write(stream);
        AssertUpToDate("dataplane.schema.json", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void ReferenceIsUpToDate() => AssertUpToDate("REFERENCE.md", ConfigurationReference.Create());

    private static void AssertUpToDate(string name, string expected)
    {
        var path = Path.Combine(RepositoryFiles.Configuration, name);
        if (RepositoryFiles.WriteGenerated)
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}

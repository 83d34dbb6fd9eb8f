using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;

namespace Dataplane.Host.Tests.Forwarding;

public sealed class WorkerRuntimesTests
{
    [Fact]
    public void TheNamedDirectoryGoesFirstThenBesideTheProgramThenTheBuildTree()
    {
        using var folder = new TemporaryFolder();
        string built = Directory.CreateDirectory(folder["artifacts/worker"]).FullName;
        string program = Directory.CreateDirectory(folder["src/bin"]).FullName;
        Assert.Equal(["/named", Path.Combine(program, "worker"), built], WorkerRuntimes.Directories("/named", program));
        Assert.Equal(Path.Combine(program, "worker"), WorkerRuntimes.Directories("", program).First());
    }

    [Fact]
    public void InProcessNeedsNoLibrary() => Assert.Equal("in-process", WorkerRuntimes.Create(WorkerRuntime.InProcess).Name);
}

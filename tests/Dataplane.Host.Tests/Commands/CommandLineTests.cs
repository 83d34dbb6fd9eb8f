using System.Text;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Commands;

/// <summary>What the program says and how it exits, without anything being started.</summary>
public sealed class CommandLineTests : IDisposable
{
    private const string Good = """
        roles: [forwarder]
        ports:
          - { name: core0, role: core, device: net_ring0, addresses: [203.0.113.17/24] }
          - { name: acc0, role: access, device: net_ring1 }
        infrastructure: { address: 203.0.113.17 }
        vrfs: [ { name: blue } ]
        interfaces:
          - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("fly")]
    [InlineData("check")]
    [InlineData("run --config a.yaml --fast")]
    [InlineData("replay --config a.yaml")]
    [InlineData("policy")]
    [InlineData("policy test --policy a")]
    public void AWrongCommandLineIsAUsageError(string line)
    {
        ProgramResult result = DataplaneProgram.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains("dataplane: error: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("--help", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("replay")]
    [InlineData("bench")]
    [InlineData("policy test")]
    [InlineData("schema")]
    public void HelpTeachesByExamples(string command)
    {
        ProgramResult result = DataplaneProgram.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Errors);
        Assert.Contains("  dataplane " + command, result.Output.Replace("sudo ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), static line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [Fact]
    public void VersionNamesProgramDpdkAndWorkerLibrary()
    {
        ProgramResult result = DataplaneProgram.Run("--version");
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^dataplane \d+\.\d+\.\d+", lines[0]);
        Assert.Matches(@"^DPDK \d+\.\d+", lines[1]);
        Assert.StartsWith("worker library: ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void SchemaIsPrintedAsItIs()
    {
        using var expected = new MemoryStream();
        ConfigurationSchema.Write(expected);
        ProgramResult result = DataplaneProgram.Run("schema");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Encoding.UTF8.GetString(expected.ToArray()), result.Output);
    }

    [Fact]
    public void AGoodFileChecks()
    {
        string file = _folder.Write("good.yaml", Good);
        ProgramResult result = DataplaneProgram.Run("check", "--config", file);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"{file}: ok: 2 ports, 1 VRFs, 1 interfaces, 0 routes, 1 workers\n", result.Output);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run")]
    [InlineData("replay")]
    public void AMistakeIsTheSameForEveryCommand(string command)
    {
        string file = _folder.Write("bad.yaml", Good.Replace("52013", "15", StringComparison.Ordinal).Replace("[forwarder]", "[hairdresser]", StringComparison.Ordinal));
        string[] rest = command == "replay" ? ["--out", _folder["out"]] : [];
        ProgramResult result = DataplaneProgram.Run([command, "--config", file, .. rest]);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("", result.Output);
        string[] lines = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith($"{file}:1:9: error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith($"{file}:8:", StringComparison.Ordinal) && line.Contains("label", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        ProgramResult result = DataplaneProgram.Run("check", "--config", _folder["nothing.yaml"]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(_folder["nothing.yaml"] + ": error: ", result.Errors, StringComparison.Ordinal);
    }
}

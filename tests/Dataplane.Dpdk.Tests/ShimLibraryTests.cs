namespace Dataplane.Dpdk.Tests;

/// <summary>Where the shim is looked for, and what is said when it is not there.</summary>
public sealed class ShimLibraryTests : IDisposable
{
    private const string FileName = "libdataplane_shim.so";
    private readonly string _root = Directory.CreateTempSubdirectory("dataplane-shim-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Touch(params string[] path)
    {
        string file = Path.Combine([_root, .. path]);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        return file;
    }

    [Fact]
    public void The_variable_comes_first_then_the_programs_directory_then_the_source_tree()
    {
        string built = Touch("artifacts", "native", FileName);
        string program = Path.Combine(_root, "src", "Program", "bin");
        Assert.Equal(built, ShimLibrary.Locate(null, program));
        string beside = Touch("src", "Program", "bin", FileName);
        Assert.Equal(beside, ShimLibrary.Locate("", program));
        string named = Touch("elsewhere.so");
        Assert.Equal(named, ShimLibrary.Locate(named, program));
    }

    [Fact]
    public void A_missing_shim_is_explained()
    {
        DpdkException missing = Assert.Throws<DpdkException>(() => ShimLibrary.Locate(null, _root));
        Assert.Contains("./scripts/build-native", missing.Message);
        missing = Assert.Throws<DpdkException>(() => ShimLibrary.Locate("/nonexistent.so", _root));
        Assert.Contains("DATAPLANE_SHIM names /nonexistent.so", missing.Message);
    }

    [Theory]
    [InlineData("DPDK 22.11.4", "DPDK 22.11.11", true)]
    [InlineData("DPDK 22.11.0", "DPDK 22.11.0", true)]
    [InlineData("DPDK 23.11.0", "DPDK 22.11.11", false)]
    [InlineData("DPDK 22.07.0", "DPDK 22.11.0", false)]
    public void Only_versions_of_one_release_fit(string found, string compiled, bool fits) =>
        Assert.Equal(fits, ShimLibrary.IsSameRelease(found, compiled));

    [Fact]
    public void A_file_that_is_no_library_is_refused_in_a_process_of_its_own()
    {
        (int exitCode, string output, _) = Child.Run("start-with-shim", Touch("text.so"));
        Assert.Equal(0, exitCode);
        Assert.StartsWith("refused: ", output);
        Assert.Contains("cannot be loaded", output);
    }
}

using System.Globalization;

namespace Dataplane.Dpdk.Tests;

/// <summary>Starts of EAL, each in a process of its own: none dies, and none leaves anything behind.</summary>
public sealed class ProcessTests
{
    private static readonly string Prefix = $"dataplane-test-{Environment.ProcessId}-";
    private static int _next;

    private static string UniquePrefix() => Prefix + Interlocked.Increment(ref _next);

    private static string Run(params string[] arguments)
    {
        (int exitCode, string output, string errors) = Child.Run(arguments);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {output}{errors}");
        Assert.Equal("", errors);
        return output;
    }

    private static void AssertNothingLeft(string prefix)
    {
        Assert.False(Directory.Exists("/var/run/dpdk/" + prefix));
        foreach (string directory in (string[])["/dev/hugepages", "/tmp", "/dev/shm"])
            if (Directory.Exists(directory))
                Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(directory), path => path.Contains(prefix, StringComparison.Ordinal));
    }

    [Fact]
    public void A_start_on_ordinary_pages_leaves_nothing_behind()
    {
        string prefix = UniquePrefix();
        Assert.Equal("huge pages: False\ndone\n", Run("start", prefix));
        AssertNothingLeft(prefix);
    }

    [Fact]
    public void A_start_on_huge_pages_leaves_nothing_behind()
    {
        using HugePageLoan pages = new(mib: 32);
        string prefix = UniquePrefix();
        string output = Run("start-on-huge-pages", prefix);
        // A kernel may have none to give; then the refusal must say so.
        if (pages.IsGranted)
            Assert.Equal("huge pages: True\ndone\n", output);
        else
            Assert.Contains("huge pages are needed", output);
        AssertNothingLeft(prefix);
    }

    [Theory]
    [InlineData(HugePageUse.Never)]
    [InlineData(HugePageUse.Prefer)]
    public void A_virtual_machines_port_and_its_guest_exchange_packets(HugePageUse use)
    {
        using HugePageLoan pages = new(use == HugePageUse.Never ? 0 : 64);
        string directory = Directory.CreateTempSubdirectory("dataplane-vhost-").FullName;
        try
        {
            string output = Run("vhost", Path.Combine(directory, "socket"), use.ToString());
            Assert.Contains($"huge pages: {use == HugePageUse.Prefer && pages.IsGranted}\n", output);
            Assert.Contains("to the guest: 100 bytes, 88A800050800\n", output);
            Assert.Contains("from the guest: 100 bytes, 88A800050800\n", output);
            Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("--iova-mode=nonsense")]
    [InlineData("--syslog=nonsense")]
    [InlineData("--base-virtaddr=nonsense")]
    [InlineData("-n", "0")]
    [InlineData("-r", "99")]
    [InlineData("-d", "/nonexistent/driver.so")]
    [InlineData("--vfio-intr=nonsense")]
    [InlineData("--vfio-vf-token=nonsense")]
    [InlineData("--socket-limit=nonsense")]
    [InlineData("--match-allocations")]
    public void An_option_that_EAL_refuses_is_explained_and_leaves_nothing_behind(params string[] option)
    {
        string prefix = UniquePrefix();
        string output = Run(["start", prefix, .. option]);
        Assert.StartsWith("refused: EAL cannot be started", output);
        Assert.Contains("DPDK says: ", output);
        Assert.Contains(string.Join(' ', option), output);
        Assert.DoesNotContain("Usage:", output);
        AssertNothingLeft(prefix);
    }

    [Fact]
    public void A_failed_start_is_final()
    {
        string output = Run("start-twice-after-a-failure");
        Assert.Contains("invalid parameters for --iova-mode", output);
        Assert.Contains("refused: EAL starts only once per process: an earlier start failed", output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--log-level=help")]
    public void A_question_for_help_does_not_end_the_process(string option) =>
        Assert.Contains($"'{option}'", Run("start", UniquePrefix(), option));

    [Fact]
    public void Missing_huge_pages_are_refused_when_they_are_required() =>
        Assert.StartsWith("refused: EAL cannot be started on huge pages", Run("too-few-huge-pages", "Require", "1048576"));

    [Fact]
    public void Missing_huge_pages_are_a_warning_when_they_are_preferred()
    {
        string mib = (HugePages.FreeMib + 16).ToString(CultureInfo.InvariantCulture);
        string output = Run("too-few-huge-pages", "Prefer", mib);
        Assert.StartsWith($"warning: DPDK runs on ordinary pages, which is slower: {mib} MiB", output);
        Assert.Contains("huge pages: False", output);
    }

    [Fact]
    public void Memory_that_the_machine_does_not_have_is_refused() =>
        Assert.StartsWith("refused: EAL cannot be started with 1048576 MiB", Run("too-few-huge-pages", "Never", "1048576"));
}

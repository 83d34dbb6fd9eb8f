namespace Dataplane.Dpdk.Tests;

/// <summary>EAL's command line, and what is kept away from EAL's parser.</summary>
public sealed class EalArgumentsTests
{
    [Fact]
    public void The_command_line_shares_nothing_and_scans_nothing()
    {
        List<string> onOrdinaryPages = EalArguments.Build(new EalOptions { MemoryMib = 64 }, mainCpu: 3, hugePages: false);
        string line = string.Join(' ', onOrdinaryPages);
        Assert.Contains("--lcores 0@3", line);
        Assert.Contains("-m 64", line);
        Assert.Contains("--no-huge --no-shconf", line);
        Assert.Contains("--no-pci", line);
        Assert.Contains("--no-telemetry", line);
        Assert.Contains("--force-max-simd-bitwidth 512", line);
        Assert.DoesNotContain("--in-memory", line);

        string onHugePages = string.Join(' ', EalArguments.Build(new EalOptions(), 0, hugePages: true));
        Assert.Contains("--in-memory", onHugePages);
        Assert.DoesNotContain("--no-huge", onHugePages);
    }

    [Fact]
    public void Only_listed_PCI_devices_may_be_taken()
    {
        string line = string.Join(' ', EalArguments.Build(new EalOptions { PciDevices = ["0000:03:00.0"] }, 0, true));
        Assert.Contains("-a 0000:03:00.0", line);
        Assert.DoesNotContain("--no-pci", line);
    }

    [Theory]
    [InlineData("-h", "in full")]
    [InlineData("--help", "in full")]
    [InlineData("--he", "in full")]
    [InlineData("-vh", "in full")]
    [InlineData("--", "in full")]
    [InlineData("word", "in full")]
    [InlineData("--log-level=help", "error, warning")]
    [InlineData("--log-level=lib.eal:loud", "error, warning")]
    [InlineData("--log-level", "missing")]
    [InlineData("--no-huge", nameof(EalOptions.HugePages))]
    [InlineData("--in-memory", nameof(EalOptions.HugePages))]
    [InlineData("--lcores=0-3", nameof(EalOptions.MainCpu))]
    [InlineData("--no-hpet=1", "takes no value")]
    [InlineData("--vdev=net_null0", "in full")]
    public void An_option_that_would_end_the_process_or_contradict_is_refused(string word, string reason)
    {
        EalOptions options = new() { ExtraArguments = [word] };
        DpdkException refusal = Assert.Throws<DpdkException>(() => EalArguments.Build(options, 0, false));
        Assert.Contains($"'{word}'", refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }

    [Fact]
    public void Values_may_follow_in_either_notation()
    {
        EalOptions options = new() { ExtraArguments = ["--iova-mode", "va", "--log-level=lib.eal:debug", "-n", "4", "--no-hpet"] };
        Assert.Equal(options.ExtraArguments, EalArguments.Build(options, 0, false)[^6..]);
    }

    public static TheoryData<EalOptions> Impossible() =>
    [
        new EalOptions { MemoryMib = 0 },
        new EalOptions { MaxSimdBitwidth = 100 },
        new EalOptions { LogLevel = "help" },
        new EalOptions { LogLevel = "lib.eal:" },
        new EalOptions { FilePrefix = "../x" },
        new EalOptions { FilePrefix = "" },
        new EalOptions { PciDevices = ["eth0"] },
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void An_impossible_value_is_refused(EalOptions options) =>
        Assert.Throws<DpdkException>(() => EalArguments.Build(options, 0, false));

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-2,5,7-8", new[] { 0, 1, 2, 5, 7, 8 })]
    public void A_list_of_CPUs_is_read(string list, int[] cpus) => Assert.Equal(cpus, AllowedCpus.Parse(list));

    [Fact]
    public void EALs_usage_is_left_out_of_the_reason()
    {
        const string Log = """
            EAL: invalid parameters for --iova-mode

            Usage: dataplane [options]

            EAL common options:
              -c COREMASK         Hexadecimal bitmask of cores to run on

            EAL: FATAL: Invalid 'command line' arguments.
            EAL: Invalid 'command line' arguments.
            """;
        string reason = EalLog.Shorten(Log);
        Assert.StartsWith("EAL: invalid parameters for --iova-mode; ", reason);
        Assert.DoesNotContain("COREMASK", reason);
        Assert.Contains("Invalid 'command line' arguments", reason);
    }
}

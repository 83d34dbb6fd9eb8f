using System.Reflection;
using System.Text.Json;
using Dataplane.Forwarding;
using Dataplane.SlowPath;

namespace Dataplane.Golden;

/// <summary>The cases as a whole: all are run, all say what they show, and all are what the script makes.</summary>
public sealed class CatalogueTests
{
    private const int LeastCases = 40;

    /// <summary>Reasons that no capture can bring about: full rings and queues, and what only a change of tables in flight causes.</summary>
    private static readonly string[] OutOfReach = ["none", "tx-full", "punt-full", "inject-full", "malformed", "inconsistent-punt"];

    [Fact]
    public void There_are_enough_cases() => Assert.True(GoldenCase.All().Count() >= LeastCases);

    [Fact]
    public void Every_case_belongs_to_a_test_method() =>
        Assert.Empty(GoldenCase.All().Where(golden => !Theories().Any(theory => theory.Name == golden.Group)).Select(golden => golden.Name));

    [Fact]
    public void Every_test_method_names_the_requirements_of_its_cases()
    {
        foreach (var theory in Theories())
        {
            var shown = GoldenCase.All().Where(golden => golden.Group == theory.Name).SelectMany(golden => golden.Requirements);
            var named = theory.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(TraitAttribute))
                .Where(attribute => attribute.ConstructorArguments[0].Value is "Requirement")
                .Select(attribute => (string)attribute.ConstructorArguments[1].Value!);
            Assert.Equal(shown.Distinct().Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_drop_reason_has_a_case() => Assert.Empty(Enum.GetValues<DropReason>().Select(ReasonNames.Name).Except(Expected("drops")).Except(OutOfReach));

    [Fact]
    public void Every_punt_reason_has_a_case() => Assert.Empty(Enum.GetValues<PuntReason>().Select(ReasonNames.Name).Except(Expected("punts")).Except(OutOfReach));

    [Fact]
    public void Every_reason_of_the_slow_path_has_a_case() =>
        Assert.Empty(Enum.GetValues<SlowPathDropReason>().Select(reason => reason.Name())
            .Except(GoldenCase.All().SelectMany(golden => Names(Replay.Counters(golden.Counters).GetProperty("slowPath").GetProperty("drops"))))
            .Except(OutOfReach));

    [Fact]
    public void The_script_makes_exactly_what_is_checked_in()
    {
        var script = Path.Combine(Repository.Pcaps, "make_cases.py");
        var result = ChildProcess.Run("/usr/bin/python3", [script, "--check"], TimeSpan.FromMinutes(2), "install Debian's python3-scapy");
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    private static IEnumerable<MethodInfo> Theories() =>
        typeof(CatalogueTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributesData().Any(attribute =>
                attribute.AttributeType == typeof(MemberDataAttribute) && attribute.ConstructorArguments[0].Value is nameof(CasesOf.Group)));

    private static IEnumerable<string> Expected(string table) =>
        GoldenCase.All().SelectMany(golden => Names(Replay.Counters(golden.Counters).GetProperty(table))).Distinct();

    private static IEnumerable<string> Names(JsonElement table) => table.EnumerateObject().Select(row => row.Name);
}

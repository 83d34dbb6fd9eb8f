using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Tests.FlowSpec;

public sealed class FlowSpecCompilerTests
{
    [Fact]
    [Trait("Requirement", "SIG-20")]
    public void ARangeHasJustTheNumbersForWhichTheComparisonsHold()
    {
        var random = new Random(1);
        for (var round = 0; round < 400; round++)
        {
            FlowSpecRule rule = FlowSpecSamples.Rule(random, round % 2 == 0 ? AddressFamily.Ipv4 : AddressFamily.Ipv6);
            foreach (FlowSpecMatch match in rule.Components.OfType<FlowSpecMatch>())
            {
                var isMask = match.Type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;
                var highest = match.Type switch
                {
                    FlowSpecComponentType.TcpFlags => 4095u,
                    FlowSpecComponentType.Fragment => 15u,
                    FlowSpecComponentType.FlowLabel => 0xFFFFFu,
                    FlowSpecComponentType.Dscp => 63u,
                    _ => 65535u,
                };
                IReadOnlyList<ValueRange> ranges = FlowSpecCompiler.RangesOf(match, highest);
                for (var i = 0; i < ranges.Count; i++)
                {
                    Assert.InRange(ranges[i].Last, ranges[i].First, highest);
                    Assert.True(i == 0 || ranges[i].First > ranges[i - 1].Last + 1);
                }

                foreach (var value in match.Terms.SelectMany(term => new[] { term.Value - 1, term.Value, term.Value + 1 })
                    .Concat(Enumerable.Range(0, 16).Select(_ => (ulong)random.Next((int)highest + 1))).Where(value => value <= highest))
                {
                    Assert.True(Holds(match, value, isMask) == ranges.Any(range => range.First <= value && value <= range.Last), $"{rule}: {value}");
                }
            }
        }
    }

    [Theory]
    [InlineData("proto =6", "6-6")]
    [InlineData("proto =6 =17", "6-6 17-17")]
    [InlineData("proto >=6&<=17", "6-17")]
    [InlineData("proto !=6", "0-5 7-255")]
    [InlineData("proto true", "0-255")]
    [InlineData("proto false", "")]
    [InlineData("proto =300", "")] // RFC 8955 §4.2.1.1: compared as numbers; no packet has it
    [InlineData("proto <2 >250&<=252", "0-1 251-252")]
    public void NumbersBecomeRanges(string rule, string expected) =>
        Assert.Equal(expected, string.Join(' ', Compile(rule).Protocols!.Select(range => $"{range.First}-{range.Last}")));

    [Fact]
    public void AFlagThatMustBeSetAndOneThatMustNotAreBothAskedFor()
    {
        IReadOnlyList<ValueRange> flags = Compile("tcp-flags syn&!ack").TcpFlags!;
        Assert.Contains(flags, range => range.First <= 0x02 && 0x02 <= range.Last);
        Assert.DoesNotContain(flags, range => range.First <= 0x12 && 0x12 <= range.Last);
        Assert.DoesNotContain(flags, range => range.First == 0);
    }

    [Fact]
    public void APrefixWithAnOffsetIsAMaskInTheMiddle()
    {
        AddressMatch match = Compile("dst ::1234:0/112/96", AddressFamily.Ipv6).Destination!.Value;
        Assert.Equal(IpAddress.Parse("::1234:0"), match.Value);
        Assert.Equal(IpAddress.Parse("::ffff:0"), match.Mask);
    }

    [Fact]
    public void OfSeveralActionsOfAKindTheFirstCountsAndOfRatesTheLowest()
    {
        FilterRule rule = Compile("proto =6", actions: ["rate:5000", "rate:100", "rate-packets:7", "mark:46", "mark:8", "action:sample+continue"]);
        Assert.Equal((100.0, 7.0, (byte)46, true), (rule.BytesPerSecond!.Value, rule.PacketsPerSecond!.Value, rule.Dscp!.Value, rule.Continue));
        Assert.Equal(0, Compile("proto =6", actions: ["discard"]).BytesPerSecond);
        FilterRule none = Compile("proto =6");
        Assert.Equal((null, null, null, false), (none.BytesPerSecond, none.PacketsPerSecond, none.Dscp, none.Continue));
        Assert.Equal(new VrfId(3), FlowSpecCompiler.Compile(Filter("proto =6", AddressFamily.Ipv4, ["redirect:65000:5"]), new VrfId(3)).Redirect);
    }

    internal static VrfFilter Filter(string rule, AddressFamily family, params string[] actions) => new(
        FlowSpecRule.Parse(rule, family),
        Array.ConvertAll(actions, text => FlowSpecAction.TryParse(text, out FlowSpecAction action) ? action : throw new FormatException(text)));

    private static FilterRule Compile(string rule, AddressFamily family = AddressFamily.Ipv4, params string[] actions) =>
        FlowSpecCompiler.Compile(Filter(rule, family, actions), null);

    // RFC 8955 §4.2.1, a disjunction of conjunctions, written down once more.
    private static bool Holds(FlowSpecMatch match, ulong value, bool isMask)
    {
        var alternatives = new List<List<FlowSpecTerm>>();
        foreach (FlowSpecTerm term in match.Terms)
        {
            if (!term.And)
            {
                alternatives.Add([]);
            }

            alternatives[^1].Add(term);
        }

        return alternatives.Any(all => all.TrueForAll(term => isMask ? Mask(term) : Number(term)));

        bool Number(FlowSpecTerm term) => ((term.Operator & 4) != 0 && value < term.Value)
            || ((term.Operator & 2) != 0 && value > term.Value) || ((term.Operator & 1) != 0 && value == term.Value);

        bool Mask(FlowSpecTerm term) => ((term.Operator & 1) != 0 ? (value & term.Value) == term.Value : (value & term.Value) != 0) != ((term.Operator & 2) != 0);
    }
}

using System.Text;
using System.Text.RegularExpressions;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Routing.Tests.Policy;

/// <summary>Patterns over paths: examples, and the base library's expressions over letters as the judge of random ones.</summary>
public sealed class AsPathPatternTests
{
    private static bool Matches(string pattern, params IReadOnlyList<uint[]> path)
    {
        Assert.Null(AsPathPattern.Parse(pattern, out AsPathPattern? parsed));
        Assert.Equal(pattern, parsed!.ToString());
        return parsed.Matches(new AsPathView(SampleRoute.PathOctets(path)));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("^$", false)]
    [InlineData("65010", true)]
    [InlineData("^65010", true)]
    [InlineData("^65020", false)]
    [InlineData("64512$", true)]
    [InlineData("_65020_", true)]
    [InlineData("^65010 65020 64512$", true)]
    [InlineData("^65010 64512$", false)]
    [InlineData("^65010 .* 64512$", true)]
    [InlineData("^65010 . 64512$", true)]
    [InlineData("^65010 . . 64512$", false)]
    [InlineData("^65010 .? .? 64512$", true)]
    [InlineData("[65000 65015-65025]", true)]
    [InlineData("^[^65000]+$", true)]
    [InlineData("^[^65010]", false)]
    [InlineData("65020-65029 64512-64515$", true)]
    [InlineData("^(65010|65011) (65020 64512)?$", true)]
    [InlineData("^(65010 | 65020)+ 64512$", true)]
    [InlineData("^(65010 | 65020)+$", false)]
    [InlineData("6501", false)]
    public void Examples(string pattern, bool expected) => Assert.Equal(expected, Matches(pattern, [65010, 65020, 64512]));

    [Fact]
    public void EmptyPathsSetsAndLongPaths()
    {
        Assert.True(Matches("^$"));
        Assert.True(Matches(".*"));
        Assert.False(Matches("."));
        Assert.True(Matches("^1 7 9$", [1], [0, 5, 6, 7], [9]));
        Assert.False(Matches("^1 5 6 7 9$", [1], [0, 5, 6, 7], [9]));
        Assert.True(Matches("^1+ 2$", [.. Enumerable.Repeat(1u, 255)], [.. Enumerable.Repeat(1u, 200)], [2]));
        Assert.True(Matches("4200000000-4294967294", [4294967294]));
    }

    [Theory]
    [InlineData("65536.")]
    [InlineData("(65000")]
    [InlineData("65000)")]
    [InlineData("[65000")]
    [InlineData("[]")]
    [InlineData("*")]
    [InlineData("65000^")]
    [InlineData("65000$65001")]
    [InlineData("65002-65001")]
    [InlineData("a")]
    [InlineData("((((((((((((((((((1))))))))))))))))))")]
    public void WhatIsNoPatternIsRefused(string text) =>
        Assert.False(AsPathPattern.Parse(text, out _) is null && text != "65536.", text);

    [Fact]
    public void SixtyFourNumbersAreTheMost()
    {
        Assert.Null(AsPathPattern.Parse(string.Join(' ', Enumerable.Range(1, 64)), out _));
        Assert.Contains("more than 64", AsPathPattern.Parse(string.Join(' ', Enumerable.Range(1, 65)), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void AgreesWithRegularExpressions()
    {
        var random = new Random(7);
        var matched = 0;
        for (var round = 0; round < 2000; round++)
        {
            var (pattern, letters) = (new StringBuilder(), new StringBuilder());
            Generate(random, pattern, letters, 0);
            var (start, end) = (random.Next(2) == 0 ? "^" : "", random.Next(2) == 0 ? "$" : "");
            var expression = new Regex($"{start}(?:{letters}){(end.Length == 0 ? "" : "\\z")}");
            for (var i = 0; i < 10; i++)
            {
                uint[] path = [.. Enumerable.Range(0, random.Next(6)).Select(_ => (uint)random.Next(1, 4))];
                var text = string.Concat(path.Select(static number => (char)('a' + number)));
                var expected = expression.IsMatch(text);
                matched += expected ? 1 : 0;
                Assert.True(
                    expected == Matches($"{start}{(start.Length + end.Length > 0 ? "(" : "")}{pattern}{(start.Length + end.Length > 0 ? ")" : "")}{end}", path),
                    $"{start}{pattern}{end} against {string.Join(' ', path)}");
            }
        }

        Assert.InRange(matched, 2000, 18000);
    }

    private static void Generate(Random random, StringBuilder pattern, StringBuilder letters, int depth)
    {
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            switch (random.Next(depth < 3 ? 5 : 3))
            {
                case 0:
                    var number = random.Next(1, 4);
                    _ = pattern.Append(number);
                    _ = letters.Append((char)('a' + number));
                    break;
                case 1:
                    _ = pattern.Append('.');
                    _ = letters.Append('.');
                    break;
                case 2:
                    _ = pattern.Append("[^2]");
                    _ = letters.Append("[^c]");
                    break;
                default:
                    _ = pattern.Append('(');
                    _ = letters.Append("(?:");
                    Generate(random, pattern, letters, depth + 1);
                    if (random.Next(2) == 0)
                    {
                        _ = pattern.Append('|');
                        _ = letters.Append('|');
                        Generate(random, pattern, letters, depth + 1);
                    }

                    _ = pattern.Append(')');
                    _ = letters.Append(')');
                    break;
            }

            var repetition = random.Next(8) switch { 0 => "*", 1 => "+", 2 => "?", _ => "" };
            _ = pattern.Append(repetition).Append(' ');
            _ = letters.Append(repetition);
        }
    }
}

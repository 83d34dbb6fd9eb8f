using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Damaged files: whatever is done to a file, the loader answers with diagnostics inside of it and never throws.</summary>
public sealed class MutationTests
{
    private const string Alphabet = "abc019-_ :,[]{}#&*!|>'\"%@`~?\n\t\r\\/.\0\u00e9\u2028\ud83d";

    private static IEnumerable<string> Sources() => Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Examples"), "*.yaml").Select(File.ReadAllText)
        .Append(SampleFile.With());

    [Fact]
    public void EveryTruncationIsAnswered()
    {
        var yaml = SampleFile.With();
        for (var length = 0; length < yaml.Length; length++)
        {
            Check(yaml[..length]);
        }
    }

    [Fact]
    public void RandomDamageIsAnswered()
    {
        var random = new Random(2);
        var broken = 0;
        foreach (var source in Sources())
        {
            var lines = source.Split('\n');
            for (var i = 0; i < 700; i++)
            {
                var text = (random.Next(3) == 0 ? ShuffleLines(lines, random) : source).ToCharArray().ToList();
                for (var edits = random.Next(1, 6); edits > 0; edits--)
                {
                    Damage(text, random);
                }

                broken += Check(new string([.. text])) ? 0 : 1;
            }
        }

        Assert.InRange(broken, 700, 700 * Sources().Count());
    }

    [Fact]
    public void RandomBytesAreAnswered()
    {
        var random = new Random(3);
        var bytes = new byte[200];
        for (var i = 0; i < 2000; i++)
        {
            random.NextBytes(bytes);
            var result = ConfigurationLoader.Parse(bytes.AsSpan(0, random.Next(bytes.Length)), "lab.yaml", ConfigurationPurpose.Replay, FakeKernelView.Default);
            Assert.Null(result.Configuration);
            Assert.NotEmpty(result.Errors);
        }
    }

    private static string ShuffleLines(string[] lines, Random random)
    {
        var copy = lines.ToList();
        var at = random.Next(copy.Count);
        var line = copy[at];
        copy.RemoveAt(at);
        if (random.Next(2) == 0)
        {
            copy.Insert(random.Next(copy.Count), line);
        }

        return string.Join('\n', copy);
    }

    private static void Damage(List<char> text, Random random)
    {
        var at = random.Next(text.Count);
        switch (random.Next(4))
        {
            case 0: text.RemoveAt(at); break;
            case 1: text.Insert(at, Alphabet[random.Next(Alphabet.Length)]); break;
            case 2: text[at] = Alphabet[random.Next(Alphabet.Length)]; break;
            default: text.RemoveRange(at, Math.Min(random.Next(1, 30), text.Count - at)); break;
        }
    }

    /// <summary>Whether the text is still a good configuration.</summary>
    private static bool Check(string yaml)
    {
        ConfigurationResult result;
        try
        {
            result = ConfigurationLoader.Parse(yaml, "lab.yaml", ConfigurationPurpose.Replay, FakeKernelView.Default);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.GetType()} on:\n{yaml}", e);
        }

        Assert.Equal(result.Configuration is null, result.Errors.Any());
        var lines = 2 + yaml.Count(static c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029');
        Assert.All(result.Diagnostics, d => Assert.True(d.Line >= 1 && d.Line <= lines && d.Column >= 1, d.ToString()));
        return result.Configuration is not null;
    }
}

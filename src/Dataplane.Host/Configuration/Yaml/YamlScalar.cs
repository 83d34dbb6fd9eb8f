using System.Text.RegularExpressions;

namespace Dataplane.Host.Configuration.Yaml;

/// <summary>What a scalar is under the core schema of YAML 1.2 (§10.3.2).</summary>
internal enum ScalarType
{
    /// <summary>Text: quoted, or plain and none of the others.</summary>
    Text,

    /// <summary>Nothing, <c>~</c> or <c>null</c>.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>An integer or a floating-point number.</summary>
    Number,
}

/// <summary>A scalar.</summary>
internal sealed partial class YamlScalar : YamlNode
{
    /// <summary>Makes a scalar.</summary>
    /// <param name="location">Its first character, a quote included.</param>
    /// <param name="text">Its text without quotes and with escapes resolved.</param>
    /// <param name="isPlain">Whether it was written without quotes and not as a block.</param>
    public YamlScalar(SourceLocation location, string text, bool isPlain)
        : base(location)
    {
        Text = text;
        Type = isPlain ? Resolve(text) : ScalarType.Text;
        IsQuoted = !isPlain;
    }

    /// <summary>The text without quotes and with escapes resolved.</summary>
    public string Text { get; }

    /// <summary>What the scalar is under the core schema.</summary>
    public ScalarType Type { get; }

    /// <summary>Whether it was written with quotes or as a block.</summary>
    public bool IsQuoted { get; }

    /// <inheritdoc/>
    public override string Describe() => Type switch
    {
        ScalarType.Null => "nothing",
        ScalarType.Boolean => Quote(Text)[1..^1],
        ScalarType.Number => $"the number {Quote(Text)[1..^1]}",
        _ => Quote(Text),
    };

    /// <summary>A text for a message: in quotes, on one line, printable and not too long.</summary>
    public static string Quote(string text)
    {
        const int Longest = 64;
        var shown = text.Length > Longest ? text[..Longest] + "…" : text;
        return $"'{Unprintable().Replace(shown, static m => $"\\u{(int)m.Value[0]:x4}")}'";
    }

    private static ScalarType Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarType.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarType.Boolean,
        _ when IsNumberStart(text[0]) && Number().IsMatch(text) => ScalarType.Number,
        _ => ScalarType.Text,
    };

    private static bool IsNumberStart(char c) => char.IsAsciiDigit(c) || c is '-' or '+' or '.';

    [GeneratedRegex(@"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\p{C}\u2028\u2029]")]
    private static partial Regex Unprintable();
}

using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dataplane.Host.Configuration.Yaml;

/// <summary>
/// Builds the tree of a file's single YAML document from the parser's events. What configuration has no use for
/// (anchors, tags, a second document, keys that are no scalars) is reported instead of interpreted, and so is a key
/// that appears twice in one mapping.
/// </summary>
internal sealed class YamlDocument
{
    /// <summary>Deeper nesting than any configuration has; keeps a hostile file from exhausting the stack.</summary>
    private const int MaxDepth = 32;

    /// <summary>Up to this many keys a linear search for duplicates is the faster one.</summary>
    private const int LinearKeys = 16;

    private readonly Parser _parser;
    private readonly DiagnosticSink _diagnostics;
    private SourceLocation _last = SourceLocation.Start;

    private YamlDocument(string text, DiagnosticSink diagnostics)
    {
        _parser = new Parser(new StringReader(text));
        _diagnostics = diagnostics;
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="diagnostics">Takes every error found.</param>
    /// <returns>The root; null when the file is empty or not YAML, which has been reported.</returns>
    public static YamlNode? Read(string text, DiagnosticSink diagnostics)
    {
        var document = new YamlDocument(text, diagnostics);
        try
        {
            return document.ReadRoot();
        }
        catch (YamlException e)
        {
            // The scanner does not always say where it was.
            var location = e.Start.Index > 0 ? At(e.Start) : document._last;
            if (FindTab(text, document._last.Line) is { } tab)
            {
                diagnostics.Error(tab, "this line is indented with a tab; YAML takes spaces only");
            }
            else
            {
                diagnostics.Error(location, $"not valid YAML: {Sentence(e.Message)}");
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner lets some of its own slips through (an escape beyond U+10FFFF, for one).
            diagnostics.Error(document._last, $"not valid YAML, in or after this place: {Sentence(e.Message)}");
        }

        return null;
    }

    /// <summary>The first tab in the indentation of a line, from a line on: by far the commonest reason for a file to be no YAML.</summary>
    private static SourceLocation? FindTab(string text, int fromLine)
    {
        var line = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            line++;
            var content = text.AsSpan()[range];
            var indentation = content[..(content.Length - content.TrimStart(" \t").Length)];
            var tab = indentation.IndexOf('\t');
            if (line >= fromLine && tab >= 0 && indentation.Length < content.TrimEnd('\r').Length)
            {
                return new(line, tab + 1);
            }
        }

        return null;
    }

    private YamlNode? ReadRoot()
    {
        _ = Next();
        if (Next() is StreamEnd)
        {
            _diagnostics.Error(SourceLocation.Start, "the file is empty; a configuration needs at least 'ports' and 'infrastructure'");
            return null;
        }

        var root = ReadNode(Next(), 0);
        _ = Next();
        if (Next() is DocumentStart second)
        {
            _diagnostics.Error(At(second.Start), "a second YAML document starts here; a configuration is one document, so remove this '---' or the part after it");
        }

        return root;
    }

    private YamlNode ReadNode(ParsingEvent start, int depth)
    {
        var location = At(start.Start);
        if (depth > MaxDepth)
        {
            throw new SemanticErrorException(start.Start, start.End, $"nested more than {MaxDepth} levels deep");
        }

        YamlNode node = start switch
        {
            Scalar scalar => new YamlScalar(location, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadSequence(location, depth),
            MappingStart => ReadMapping(location, depth),
            AnchorAlias => Refuse(location, "aliases (*name) are not supported; write the value out"),
            _ => throw new SemanticErrorException(start.Start, start.End, "expected a value"),
        };

        return start is NodeEvent { Tag.IsEmpty: false, Tag.IsNonSpecific: false } tagged
            ? Refuse(location, $"the tag {YamlScalar.Quote(tagged.Tag.Value)} is not supported; write the plain value")
            : node;
    }

    private YamlUnusable Refuse(SourceLocation location, string message)
    {
        _diagnostics.Error(location, message);
        return new(location);
    }

    private YamlSequence ReadSequence(SourceLocation location, int depth)
    {
        var items = new List<YamlNode>();
        for (var next = Next(); next is not SequenceEnd; next = Next())
        {
            items.Add(ReadNode(next, depth + 1));
        }

        return new(location, items);
    }

    private YamlMapping ReadMapping(SourceLocation location, int depth)
    {
        var entries = new List<YamlEntry>(4);
        Dictionary<string, SourceLocation>? index = null;
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var keyNode = ReadNode(next, depth + 1);
            var value = ReadNode(Next(), depth + 1);
            if (keyNode is not YamlScalar key)
            {
                if (keyNode is not YamlUnusable)
                {
                    _diagnostics.Error(keyNode.Location, $"a key must be a word; found {keyNode.Describe()}");
                }

                continue;
            }

            if (FindFirst(entries, ref index, key.Text) is { } first)
            {
                _diagnostics.Error(key.Location, $"the key {YamlScalar.Quote(key.Text)} is given twice; the first is on line {first.Line}, remove one of them");
                continue;
            }

            index?.Add(key.Text, key.Location);
            entries.Add(new(key, value));
        }

        return new(location, entries);
    }

    private static SourceLocation? FindFirst(List<YamlEntry> entries, ref Dictionary<string, SourceLocation>? index, string key)
    {
        if (index is null && entries.Count >= LinearKeys)
        {
            index = entries.ToDictionary(static e => e.Key.Text, static e => e.Key.Location, StringComparer.Ordinal);
        }

        if (index is not null)
        {
            return index.TryGetValue(key, out var location) ? location : null;
        }

        foreach (var entry in entries)
        {
            if (entry.Key.Text == key)
            {
                return entry.Key.Location;
            }
        }

        return null;
    }

    private ParsingEvent Next()
    {
        if (!_parser.MoveNext() || _parser.Current is not { } current)
        {
            throw new SemanticErrorException("the file ends too early");
        }

        _last = At(current.Start);
        return current;
    }

    private static SourceLocation At(in Mark mark) => new((int)Math.Max(mark.Line, 1), (int)Math.Max(mark.Column, 1));

    private static string Sentence(string message) =>
        message.Length == 0 ? "unreadable" : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}

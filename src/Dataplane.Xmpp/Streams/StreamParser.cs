using System.Buffers;
using System.Text.Unicode;
using System.Xml;
using System.Xml.Linq;

namespace Dataplane.Xmpp.Streams;

/// <summary>
/// Reads a stream: octets in, the header, elements and the end out. Memory is bounded by the longest stanza that is allowed, taken from a pool when
/// octets come and given back when everything was read, so that a silent stream holds nothing but this object. One thread at a time.
/// </summary>
internal sealed class StreamParser(StreamLimits limits) : IDisposable
{
    private const int FirstBuffer = 4096;

    private static readonly XmlReaderSettings ElementSettings = new()
    {
        ConformanceLevel = ConformanceLevel.Fragment,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = true,
        CloseInput = false,
    };

    private static readonly XmlReaderSettings DeclarationSettings = new()
    {
        ConformanceLevel = ConformanceLevel.Document,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
    };

    private readonly FrameScanner _scanner = new(limits);
    private byte[] _buffer = [];
    private int _start;
    private int _scanned;
    private int _filled;
    private StreamHeader? _header;
    private StreamFault? _fault;

    /// <summary>Octets that have come and were not read as a part of something whole.</summary>
    public int UnreadOctets => _filled - _start;

    /// <summary>Allows stanzas of full length; before, what comes is part of the negotiation.</summary>
    public void AllowStanzas() => _scanner.FrameOctets = limits.StanzaOctets;

    /// <summary>Expects a new stream; what has come already belongs to it.</summary>
    public void Restart()
    {
        _scanner.Restart();
        _scanned = _start;
        _header = null;
    }

    /// <summary>Room for octets, to be followed by <see cref="Advance"/>.</summary>
    public Memory<byte> GetRoom()
    {
        if (_filled == _buffer.Length)
        {
            Grow();
        }

        return _buffer.AsMemory(_filled);
    }

    /// <summary>Says how many octets were put into the room.</summary>
    public void Advance(int octets) => _filled += octets;

    /// <summary>Adds octets.</summary>
    public void Feed(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            Span<byte> room = GetRoom().Span;
            int count = Math.Min(room.Length, octets.Length);
            octets[..count].CopyTo(room);
            Advance(count);
            octets = octets[count..];
        }
    }

    /// <summary>Takes what is whole.</summary>
    /// <returns>An item of kind None when there is nothing.</returns>
    public StreamItem Read()
    {
        while (_fault is null)
        {
            bool isWhole = _scanner.Scan(_buffer.AsSpan(_scanned, _filled - _scanned), out int scanned, out FrameKind kind, out _fault);
            _scanned += scanned;
            if (!isWhole)
            {
                Discard();
                break;
            }

            ReadOnlyMemory<byte> frame = _buffer.AsMemory(_scanned - _scanner.Length, _scanner.Length);
            _start = _scanned;
            StreamItem item = Parse(kind, frame);
            _fault = item.Kind == StreamItemKind.Fault ? item.Fault : null;
            if (item.Kind != StreamItemKind.None)
            {
                Discard();
                return item;
            }
        }

        return _fault is { } fault ? StreamItem.Of(fault) : default;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _start = _scanned = _filled = 0;
        }
    }

    // White space between stanzas is dropped, and an empty buffer given back.
    private void Discard()
    {
        if (!_scanner.IsInFrame)
        {
            _start = _scanned;
        }

        if (_start == _filled)
        {
            Dispose();
        }
    }

    private void Grow()
    {
        int held = _filled - _start;
        byte[] next = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, held * 2));
        _buffer.AsSpan(_start, held).CopyTo(next);
        int scanned = _scanned - _start;
        Dispose();
        _buffer = next;
        _scanned = scanned;
        _filled = held;
    }

    private StreamItem Parse(FrameKind kind, ReadOnlyMemory<byte> frame)
    {
        if (!Utf8.IsValid(frame.Span))
        {
            return StreamItem.Of(new(StreamErrorCondition.NotWellFormed, "this is not UTF-8"));
        }

        try
        {
            return kind switch
            {
                FrameKind.Declaration => ParseDeclaration(frame.Span),
                FrameKind.Header => ParseHeader(frame),
                FrameKind.Element => new(StreamItemKind.Element, Element: ParseElement(frame)),
                _ => IsEndOfStream(frame.Span) ? StreamItem.End : StreamItem.Of(new(StreamErrorCondition.NotWellFormed, "another element ends than began")),
            };
        }
        catch (XmlException exception)
        {
            return StreamItem.Of(new(StreamErrorCondition.NotWellFormed, exception.Message));
        }
    }

    private static StreamItem ParseDeclaration(ReadOnlySpan<byte> frame)
    {
        using var text = new StringReader(System.Text.Encoding.UTF8.GetString(frame) + "<x/>");
        using var reader = XmlReader.Create(text, DeclarationSettings);
        _ = reader.Read();
        return reader.GetAttribute("encoding") is { } encoding && !encoding.Equals("UTF-8", StringComparison.OrdinalIgnoreCase)
            ? StreamItem.Of(new(StreamErrorCondition.UnsupportedEncoding, "streams are in UTF-8"))
            : default;
    }

    private StreamItem ParseHeader(ReadOnlyMemory<byte> frame)
    {
        using XmlReader reader = Open(frame, null);
        _ = reader.Read();
        var declarations = new List<KeyValuePair<string, string>>();
        for (bool isThere = reader.MoveToFirstAttribute(); isThere; isThere = reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI == XNamespace.Xmlns.NamespaceName)
            {
                declarations.Add(new(reader.Prefix.Length == 0 ? "" : reader.LocalName, reader.Value));
            }
        }

        _ = reader.MoveToElement();
        _header = new(
            reader.NamespaceURI, reader.LocalName, reader.Prefix, declarations,
            reader.GetAttribute("to"), reader.GetAttribute("from"), reader.GetAttribute("id"), reader.GetAttribute("version"));
        return new(StreamItemKind.Header, Header: _header);
    }

    private XElement ParseElement(ReadOnlyMemory<byte> frame)
    {
        using XmlReader reader = Open(frame, _header);
        _ = reader.MoveToContent();
        var element = (XElement)XNode.ReadFrom(reader);
        if (!reader.EOF)
        {
            throw new XmlException("There is more than one element.");
        }

        ForgetPrefixes(element);
        return element;
    }

    // Names are resolved by now. Where prefixes were used, one may be the header's, or mean one namespace here and another there: the declarations
    // go then, and whoever writes the element outside its stream makes his own.
    private void ForgetPrefixes(XElement element)
    {
        if (element.DescendantsAndSelf().Any(UsesPrefixes))
        {
            element.DescendantsAndSelf().Attributes().Where(static attribute => attribute.IsNamespaceDeclaration).Remove();
        }

        bool UsesPrefixes(XElement inside) =>
            inside.Attributes().Any(static attribute => attribute.Name.Namespace == XNamespace.Xmlns)
            || _header!.Declarations.Any(declaration => declaration.Key.Length > 0 && declaration.Value == inside.Name.NamespaceName);
    }

    private bool IsEndOfStream(ReadOnlySpan<byte> frame) =>
        System.Text.Encoding.UTF8.GetString(frame)[2..^1].TrimEnd([' ', '\t', '\r', '\n']) == _header!.QualifiedName;

    // The reader's buffers are as small as the frame is.
    private static XmlReader Open(ReadOnlyMemory<byte> frame, StreamHeader? header)
    {
        _ = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(frame, out ArraySegment<byte> segment);
        var names = new NameTable();
        var namespaces = new XmlNamespaceManager(names);
        foreach ((string prefix, string name) in header?.Declarations ?? [])
        {
            namespaces.AddNamespace(prefix, name);
        }

        return XmlReader.Create(
            new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false),
            ElementSettings,
            new XmlParserContext(names, namespaces, null, XmlSpace.None, System.Text.Encoding.UTF8));
    }
}

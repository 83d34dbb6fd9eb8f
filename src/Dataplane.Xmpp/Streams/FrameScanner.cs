namespace Dataplane.Xmpp.Streams;

/// <summary>What a piece of a stream is.</summary>
internal enum FrameKind : byte
{
    /// <summary>The XML declaration.</summary>
    Declaration,

    /// <summary>The start tag of the stream.</summary>
    Header,

    /// <summary>A child of the stream, whole.</summary>
    Element,

    /// <summary>The end tag of the stream.</summary>
    End,
}

/// <summary>
/// Finds where the pieces of a stream end, octet by octet, so that each can be given to an XML reader when it is whole and nothing has to be kept for
/// a stream that says nothing. It looks at markup only: nesting, quotes, CDATA sections; whether the piece is XML is found out by the reader, and
/// where the two could differ this one is the stricter. What RFC 6120 §11.1 forbids is refused here, as soon as it begins: comments, processing
/// instructions, document types, entities other than the five; so are control characters, which also rules out UTF-16 and UTF-32.
/// Pure: octets in, frames out.
/// </summary>
internal sealed class FrameScanner(StreamLimits limits)
{
    // Where FNV-1a begins.
    private const uint FirstName = 2166136261;

    // Name of an entity between & and ;, the longest character reference is #x10FFFF.
    private const int LongestEntity = 8;

    // A hash of each open element's name, the stream's first: an end tag that ends another element is seen when it comes, not when a bound is reached.
    private readonly uint[] _names = new uint[limits.Depth + 2];
    private State _state;
    private State _afterEntity;
    private int _depth;
    private bool _isAfterStart;
    private bool _isInFrame;
    private uint _name;
    private int _matched;
    private ulong _entity;
    private int _entityLength;

    private enum State : byte
    {
        Text,
        TagOpen,
        StartTagName,
        StartTag,
        StartTagSlash,
        SingleQuoted,
        DoubleQuoted,
        EndTagName,
        EndTag,
        Bang,
        CDataOpen,
        CData,
        DeclarationOpen,
        Declaration,
        Entity,
    }

    /// <summary>Octets of one piece at most.</summary>
    public int FrameOctets { get; set; } = limits.NegotiationOctets;

    /// <summary>Whether a piece has begun and not ended.</summary>
    public bool IsInFrame => _isInFrame;

    /// <summary>Octets of the piece so far.</summary>
    public int Length { get; private set; }

    /// <summary>Begins a new stream.</summary>
    public void Restart()
    {
        _state = State.Text;
        _depth = 0;
        _isAfterStart = false;
        EndFrame();
    }

    /// <summary>Goes on.</summary>
    /// <param name="octets">What follows the octets that were scanned before.</param>
    /// <param name="scanned">How many were scanned now: all, or up to the end of a piece or to the octet that is wrong.</param>
    /// <param name="kind">What has ended.</param>
    /// <param name="fault">What is wrong; null: nothing.</param>
    /// <returns>Whether a piece has ended; it is the last <see cref="Length"/> octets, until the next call.</returns>
    public bool Scan(ReadOnlySpan<byte> octets, out int scanned, out FrameKind kind, out StreamFault? fault)
    {
        kind = default;
        fault = null;
        if (!_isInFrame)
        {
            Length = 0;
        }

        for (scanned = 0; scanned < octets.Length;)
        {
            byte octet = octets[scanned++];
            if (octet < ' ' && octet is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                fault = NotWellFormed("a control character");
                return false;
            }

            if (_isInFrame && ++Length > FrameOctets)
            {
                fault = StreamFault.TooBig(FrameOctets);
                return false;
            }

            if (Step(octet, out kind, out fault))
            {
                EndFrame();
                return true;
            }

            if (fault is not null)
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsAfterName(byte octet) => IsSpace(octet) || octet is (byte)'/' or (byte)'>' or (byte)'<' or (byte)'&' or (byte)'\'' or (byte)'"';

    // FNV-1a.
    private void AddToName(byte octet) => _name = (_name ^ octet) * 16777619;

    private static bool IsSpace(byte octet) => octet is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    private static StreamFault NotWellFormed(string text) => new(StreamErrorCondition.NotWellFormed, text);

    private static StreamFault Restricted(string text) => new(StreamErrorCondition.RestrictedXml, text);

    private void EndFrame()
    {
        _isInFrame = false;
        _state = State.Text;
    }

    // One octet; true: it is the last one of a piece.
    private bool Step(byte octet, out FrameKind kind, out StreamFault? fault)
    {
        kind = default;
        fault = null;
        switch (_state)
        {
            case State.Text:
                fault = Text(octet);
                return false;
            case State.TagOpen:
                fault = TagOpen(octet);
                return false;
            case State.StartTagName when !IsAfterName(octet):
                AddToName(octet);
                return false;
            case State.StartTagName or State.StartTag:
                _state = State.StartTag;
                return StartTag(octet, out kind, out fault);
            case State.StartTagSlash:
                if (octet != '>')
                {
                    fault = NotWellFormed("a slash in a tag");
                    return false;
                }

                return CloseElement(out kind, out fault);
            case State.SingleQuoted or State.DoubleQuoted:
                fault = Quoted(octet);
                return false;
            case State.EndTagName when !IsAfterName(octet):
                AddToName(octet);
                return false;
            case State.EndTagName or State.EndTag:
                return EndTag(octet, out kind, out fault);
            case State.Bang:
                fault = Bang(octet);
                return false;
            case State.CDataOpen:
                fault = CDataOpen(octet);
                return false;
            case State.CData:
                CData(octet);
                return false;
            case State.DeclarationOpen:
                fault = DeclarationOpen(octet);
                return false;
            case State.Declaration:
                kind = FrameKind.Declaration;
                return Declaration(octet, out fault);
            default:
                fault = Entity(octet);
                return false;
        }
    }

    private StreamFault? Text(byte octet)
    {
        if (octet == '<')
        {
            if (!_isInFrame)
            {
                _isInFrame = true;
                Length = 1;
            }

            _state = State.TagOpen;
            return null;
        }

        if (_depth <= 1)
        {
            // Between stanzas, white space keeps a connection alive (RFC 6120 §4.6.1); before a declaration there is none.
            _isAfterStart = true;
            return IsSpace(octet) ? null : _depth == 0 ? NotWellFormed("text before the stream") : new(StreamErrorCondition.BadFormat, "text between stanzas");
        }

        if (octet == '&')
        {
            BeginEntity();
        }

        return null;
    }

    private StreamFault? TagOpen(byte octet)
    {
        switch (octet)
        {
            case (byte)'/':
                _state = State.EndTagName;
                _name = FirstName;
                return _depth == 0 ? NotWellFormed("an end tag before the stream") : null;
            case (byte)'!':
                _state = State.Bang;
                return null;
            case (byte)'?':
                if (_depth > 0 || _isAfterStart)
                {
                    return Restricted("a processing instruction");
                }

                _state = State.DeclarationOpen;
                _matched = 0;
                return null;
            case (byte)':' or (byte)'_' or >= 0x80 or (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z'):
                _state = State.StartTagName;
                _name = FirstName;
                AddToName(octet);
                _isAfterStart = true;
                return null;
            default:
                return NotWellFormed("a tag without a name");
        }
    }

    private bool StartTag(byte octet, out FrameKind kind, out StreamFault? fault)
    {
        kind = FrameKind.Header;
        fault = null;
        switch (octet)
        {
            case (byte)'>':
                _state = State.Text;
                fault = OpenElement();
                return _depth == 1;
            case (byte)'/':
                _state = State.StartTagSlash;
                fault = _depth == 0 ? new(StreamErrorCondition.BadFormat, "a stream that ends where it begins") : OpenElement();
                return false;
            case (byte)'\'':
                _state = State.SingleQuoted;
                return false;
            case (byte)'"':
                _state = State.DoubleQuoted;
                return false;
            case (byte)'<' or (byte)'&':
                fault = NotWellFormed("markup in a tag");
                return false;
            default:
                return false;
        }
    }

    private StreamFault? Quoted(byte octet)
    {
        if (octet == (_state == State.SingleQuoted ? '\'' : '"'))
        {
            _state = State.StartTag;
        }
        else if (octet == '&')
        {
            BeginEntity();
        }

        return octet == '<' ? NotWellFormed("a tag in an attribute") : null;
    }

    private StreamFault? OpenElement()
    {
        if (_depth > limits.Depth)
        {
            return StreamFault.TooDeep(limits.Depth);
        }

        _names[_depth++] = _name;
        return null;
    }

    private bool EndTag(byte octet, out FrameKind kind, out StreamFault? fault)
    {
        kind = default;
        _state = State.EndTag;
        if (octet == '>' && _name == _names[_depth - 1])
        {
            return CloseElement(out kind, out fault);
        }

        fault = IsSpace(octet) ? null : NotWellFormed(octet == '>' ? "another element ends than began" : "markup in an end tag");
        return false;
    }

    private bool CloseElement(out FrameKind kind, out StreamFault? fault)
    {
        fault = null;
        _depth--;
        _state = State.Text;
        kind = _depth == 0 ? FrameKind.End : FrameKind.Element;
        return _depth <= 1;
    }

    private StreamFault? Bang(byte octet)
    {
        if (octet == '[')
        {
            _state = State.CDataOpen;
            _matched = 0;
            return _depth > 1 ? null : new(StreamErrorCondition.BadFormat, "text between stanzas");
        }

        return octet == '-' ? Restricted("a comment")
            : octet is (byte)'D' or (byte)'E' or (byte)'A' or (byte)'N' ? Restricted("a document type") : NotWellFormed("a tag without a name");
    }

    private StreamFault? CDataOpen(byte octet)
    {
        if (octet != "CDATA["u8[_matched])
        {
            return NotWellFormed("a section that is no CDATA");
        }

        if (++_matched == "CDATA["u8.Length)
        {
            _state = State.CData;
            _matched = 0;
        }

        return null;
    }

    // The section ends with ]]>, before which there may be more brackets.
    private void CData(byte octet)
    {
        if (octet == '>' && _matched >= 2)
        {
            _state = State.Text;
        }

        _matched = octet == ']' ? _matched + 1 : 0;
    }

    private StreamFault? DeclarationOpen(byte octet)
    {
        if (_matched < "xml"u8.Length)
        {
            return octet == "xml"u8[_matched++] ? null : Restricted("a processing instruction");
        }

        _state = State.Declaration;
        _matched = 0;
        _isAfterStart = true;
        return IsSpace(octet) ? null : Restricted("a processing instruction");
    }

    private bool Declaration(byte octet, out StreamFault? fault)
    {
        fault = octet == '<' ? NotWellFormed("a tag in the declaration") : null;
        if (octet == '>' && _matched == 1)
        {
            return true;
        }

        _matched = octet == '?' ? 1 : 0;
        return false;
    }

    private void BeginEntity()
    {
        _afterEntity = _state;
        _state = State.Entity;
        _entity = 0;
        _entityLength = 0;
    }

    // A reference to a character, or one of the five entities of XML; the reader checks the number.
    private StreamFault? Entity(byte octet)
    {
        if (octet == ';')
        {
            _state = _afterEntity;
            return _entityLength > 0 && IsPredefined() ? null : Restricted("an entity");
        }

        _entity = (_entity << 8) | octet;
        return ++_entityLength > LongestEntity ? Restricted("an entity") : null;
    }

    private bool IsPredefined() =>
        (byte)(_entity >> ((_entityLength - 1) * 8)) == '#'
        || _entity is 0x6C74 /* lt */ or 0x6774 /* gt */ or 0x616D70 /* amp */ or 0x71756F74 /* quot */ or 0x61706F73 /* apos */;
}

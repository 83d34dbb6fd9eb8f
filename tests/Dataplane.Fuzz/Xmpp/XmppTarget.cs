using System.Text;
using System.Xml;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Fuzz.Xmpp;

/// <summary>
/// A server's side of a stream in memory: parser, negotiation, gate, as a connection puts them together. The octets of a client go in, in pieces; what must
/// hold for any octets is checked: nothing throws; what the server says is well formed; a stream ends with the server's word or goes on serving; what
/// the parser holds is bounded; and none of it depends on how the octets arrive.
/// </summary>
internal sealed class XmppTarget
{
    /// <summary>Whom a client without TLS can be.</summary>
    public const string Domain = "dc1.example.net";

    private const string Ping = "<iq type='get' id='fuzz-ping'><ping xmlns='urn:xmpp:ping'/></iq>";

    private static readonly StreamLimits Limits = new() { StanzaOctets = 4096, NegotiationOctets = 2048, Depth = 8 };

    /// <summary>How streams ended, and how often.</summary>
    public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a stream in two ways of cutting it.</summary>
    /// <exception cref="XmppFuzzException">Something that must hold did not.</exception>
    public void Run(ReadOnlySpan<byte> octets, Random random)
    {
        Side whole = Play(octets, int.MaxValue, random), pieces = Play(octets, random.Next(1, 40), random);
        if (whole.Said != pieces.Said || whole.Delivered != pieces.Delivered || whole.Outcome != pieces.Outcome)
        {
            throw new XmppFuzzException($"it depends on how the octets arrive:\n{whole.Said}\n{pieces.Said}");
        }

        CheckWellFormed(whole);
        string outcome = whole.Outcome ?? (whole.IsBound ? "goes on, bound" : "goes on");
        Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + 1;
    }

    private static Side Play(ReadOnlySpan<byte> octets, int longest, Random random)
    {
        using var side = new Side();
        while (!octets.IsEmpty && side.Outcome is null)
        {
            int count = Math.Min(octets.Length, longest == int.MaxValue ? octets.Length : random.Next(1, longest + 1));
            side.Feed(octets[..count]);
            octets = octets[count..];
        }

        // A stream that waits for nothing in particular still serves.
        if (side is { Outcome: null, IsBound: true, IsBetween: true })
        {
            int before = side.Said.Length;
            side.Feed(Encoding.UTF8.GetBytes(Ping));
            if (!side.Said[before..].Contains("id=\"fuzz-ping\"", StringComparison.Ordinal))
            {
                throw new XmppFuzzException("a stream that goes on does not answer a ping");
            }
        }

        return side;
    }

    private static void CheckWellFormed(Side side)
    {
        if (side.Outcome is not null && side.Outcome != "PeerClosed " && side.Outcome != "PeerError " && side.Said.Length == 0)
        {
            throw new XmppFuzzException("a stream ended without a word");
        }

        foreach (string stream in side.Said.Split("<?xml version='1.0'?>", StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var reader = XmlReader.Create(new StringReader(stream + StreamText.End));
                while (reader.Read())
                {
                }
            }
            catch (XmlException exception)
            {
                throw new XmppFuzzException($"{exception.Message} is wrong with what the server says: {stream}");
            }
        }
    }

    private sealed class Side : IDisposable
    {
        private readonly StreamParser _parser = new(Limits);
        private readonly List<StreamAction> _actions = [];
        private readonly StringBuilder _said = new();
        private readonly StringBuilder _delivered = new();
        private readonly ServerProfile _profile;
        private readonly ServerNegotiation _negotiation;
        private ServerGate? _gate;
        private int _names;

        public Side()
        {
            _profile = new("sg." + Domain, new(["sg." + Domain, Domain]), OffersTls: false, AllowsPlaintext: true, Limits, () => $"name-{_names++}");
            _negotiation = new(_profile, new(new(System.Net.IPAddress.Loopback, 1), isPlaintext: true));
        }

        public string Said => _said.ToString();

        public string Delivered => _delivered.ToString();

        public string? Outcome { get; private set; }

        public bool IsBound => _gate is not null;

        public bool IsBetween => _parser.UnreadOctets == 0;

        public void Feed(ReadOnlySpan<byte> octets)
        {
            _parser.Feed(octets);
            while (Outcome is null && _parser.Read() is { Kind: not StreamItemKind.None } item)
            {
                _actions.Clear();
                if (_gate is null)
                {
                    _negotiation.Accept(item, _actions);
                }
                else
                {
                    _gate.Accept(item, _actions);
                }

                if (item.Kind == StreamItemKind.Fault && !_actions.Exists(static action => action.Kind == StreamActionKind.End))
                {
                    throw new XmppFuzzException("a fault did not end the stream");
                }

                _actions.ForEach(Perform);
            }

            if (Outcome is null && _parser.UnreadOctets > Limits.StanzaOctets)
            {
                throw new XmppFuzzException($"the parser holds {_parser.UnreadOctets} octets");
            }
        }

        public void Dispose() => _parser.Dispose();

        private void Perform(StreamAction action)
        {
            if (Outcome is not null)
            {
                throw new XmppFuzzException("something is done after the end");
            }

            switch (action.Kind)
            {
                case StreamActionKind.Send:
                    _ = _said.Append(Encoding.UTF8.GetString(action.Octets.Span));
                    break;
                case StreamActionKind.Restart:
                    _parser.Restart();
                    break;
                case StreamActionKind.Bound:
                    _parser.AllowStanzas();
                    _gate = new(_profile, _negotiation.Jid!.Value, ServiceDiscovery.PubSubFeatures);
                    break;
                case StreamActionKind.Deliver:
                    _ = _delivered.Append(action.Stanza);
                    break;
                case StreamActionKind.End:
                    Outcome = $"{action.End.Reason} {action.End.Error}";
                    break;
                default:
                    throw new XmppFuzzException("TLS where none is offered");
            }
        }
    }
}

/// <summary>Something that must hold for any stream did not.</summary>
internal sealed class XmppFuzzException(string message) : Exception(message);

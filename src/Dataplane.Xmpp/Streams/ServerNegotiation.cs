using System.Xml.Linq;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Streams;

/// <summary>What a server says about itself while it negotiates.</summary>
/// <param name="Name">The server's own name.</param>
/// <param name="Authorization">Who may come in; its domains are served too.</param>
/// <param name="OffersTls">Whether there is a certificate.</param>
/// <param name="AllowsPlaintext">Whether authentication goes on without TLS.</param>
/// <param name="Limits">The bounds.</param>
/// <param name="NewName">Makes names that cannot be guessed: of streams, and of resources where the client leaves the choice.</param>
internal sealed record ServerProfile(
    string Name, Authorization Authorization, bool OffersTls, bool AllowsPlaintext, StreamLimits Limits, Func<string> NewName)
{
    /// <summary>Whether a domain is this server.</summary>
    public bool Serves(string domain) => domain == Name || Authorization.Domains.Contains(domain);
}

/// <summary>
/// The server's side of a stream until it is bound (RFC 6120 §4 to §7): header, STARTTLS, SASL EXTERNAL, resource binding. Pure: what came in, what to
/// do out. Order is enforced: before TLS nothing but STARTTLS, then nothing but SASL, then nothing but binding; a stanza earlier is
/// <c>not-authorized</c> (XMP-16).
/// </summary>
internal sealed partial class ServerNegotiation
{
    private readonly ServerProfile _profile;
    private PeerIdentity _identity;
    private Phase _phase = Phase.Header;
    private bool _hasSentHeader;
    private string? _from;
    private string? _to;
    private int _elements;

    /// <summary>A stream of which nothing has come yet.</summary>
    /// <param name="profile">Who we are.</param>
    /// <param name="identity">What is known about the peer: without TLS its address only.</param>
    public ServerNegotiation(ServerProfile profile, PeerIdentity identity)
    {
        _profile = profile;
        _identity = identity;
    }

    private enum Phase : byte
    {
        Header,
        Tls,
        TlsHandshake,
        Sasl,
        SaslResponse,
        Bind,
        Bound,
        Over,
    }

    /// <summary>What is proved about the peer.</summary>
    public PeerIdentity Identity => _identity;

    /// <summary>Whom the peer acts as: bare once it is authenticated, full once it is bound.</summary>
    public Jid? Jid { get; private set; }

    /// <summary>Whether the stream is bound.</summary>
    public bool IsBound => _phase == Phase.Bound;

    /// <summary>Who the peer takes us for: the name that it used.</summary>
    public Jid Local => Xmpp.Jid.TryParse(_to, out Jid jid) ? jid : Xmpp.Jid.Parse(_profile.Name);

    /// <summary>TLS is up.</summary>
    public void TlsEstablished(PeerIdentity identity)
    {
        _identity = identity;
        _phase = Phase.Header;
        _hasSentHeader = false;
    }

    /// <summary>Something has come.</summary>
    public void Accept(in StreamItem item, List<StreamAction> actions)
    {
        if (_phase is Phase.Over or Phase.Bound)
        {
            return;
        }

        switch (item.Kind)
        {
            case StreamItemKind.Header when _phase == Phase.Header:
                Header(item.Header!, actions);
                break;
            case StreamItemKind.Element when _phase != Phase.Header:
                if (++_elements > _profile.Limits.NegotiationElements)
                {
                    Fail(new(StreamErrorCondition.PolicyViolation, "too much before a stream is bound"), actions);
                    break;
                }

                Element(item.Element!, actions);
                break;
            case StreamItemKind.End:
                _phase = Phase.Over;
                actions.Add(StreamAction.Over(new(SessionEndReason.PeerClosed)));
                break;
            case StreamItemKind.Fault:
                Fail(item.Fault, actions);
                break;
            case StreamItemKind.None:
                break;
            default:
                Fail(new(StreamErrorCondition.BadFormat, "a stream begins where none can"), actions);
                break;
        }
    }

    /// <summary>Ends the stream with an error, as for lack of time.</summary>
    public void Fail(StreamFault fault, List<StreamAction> actions)
    {
        if (_phase == Phase.Over)
        {
            return;
        }

        SendHeader(actions);
        _phase = Phase.Over;
        actions.Add(StreamAction.Send(StreamText.Error(fault)));
        actions.Add(StreamAction.Over(new(SessionEndReason.Violation, fault.Condition, fault.Text)));
    }

    // An error of the header comes after our own (RFC 6120 §4.9.1.2).
    private void SendHeader(List<StreamAction> actions)
    {
        if (!_hasSentHeader)
        {
            _hasSentHeader = true;
            actions.Add(StreamAction.Send(StreamText.Header(Jid?.ToString(), _to ?? _profile.Name, _profile.NewName())));
        }
    }

    private void Header(StreamHeader header, List<StreamAction> actions)
    {
        bool isOurs = header.To is null || (Xmpp.Jid.TryParse(header.To, out Jid to) && to.Local is null && to.IsBare && _profile.Serves(to.Domain));
        _to = isOurs && header.To is not null ? Xmpp.Jid.Parse(header.To).Domain : null;
        _from = header.From;
        SendHeader(actions);
        if (header.Check() is { } fault)
        {
            Fail(fault, actions);
        }
        else if (!isOurs)
        {
            Fail(new(StreamErrorCondition.HostUnknown, "this domain is not served here"), actions);
        }
        else if (Jid is { } authenticated && header.From is not null
            && !(Xmpp.Jid.TryParse(header.From, out Jid from) && from.Bare == authenticated))
        {
            Fail(new(StreamErrorCondition.InvalidFrom, "the stream is not of whom was authenticated"), actions);
        }
        else
        {
            Features(actions);
        }
    }

    private void Features(List<StreamAction> actions)
    {
        string features;
        if (Jid is not null)
        {
            _phase = Phase.Bind;
            features = $"<bind xmlns='{Namespaces.Bind}'/><session xmlns='{Namespaces.Session}'><optional/></session>";
        }
        else
        {
            bool canStartTls = _identity.IsPlaintext && _profile.OffersTls;
            bool mustStartTls = _identity.IsPlaintext && !_profile.AllowsPlaintext;
            _phase = mustStartTls ? Phase.Tls : Phase.Sasl;
            features = (canStartTls ? $"<starttls xmlns='{Namespaces.Tls}'>{(mustStartTls ? "<required/>" : "")}</starttls>" : "")
                + (mustStartTls ? "" : $"<mechanisms xmlns='{Namespaces.Sasl}'><mechanism>{SaslExternal.Name}</mechanism></mechanisms>");
        }

        actions.Add(StreamAction.Send(StreamText.Features(features)));
    }

    private void Element(XElement element, List<StreamAction> actions)
    {
        if (element.Name == Namespaces.Streams + "error")
        {
            (StreamErrorCondition condition, string? text) = StreamText.ReadError(element);
            _phase = Phase.Over;
            actions.Add(StreamAction.Over(new(SessionEndReason.PeerError, condition, text)));
        }
        else if (element.Name.Namespace == Namespaces.Tls)
        {
            StartTls(element, actions);
        }
        else if (element.Name.Namespace == Namespaces.Sasl && Jid is null)
        {
            Sasl(element, actions);
        }
        else if (Stanza.TryRead(element, out Stanza? stanza) is var fault && fault != StanzaFault.UnknownKind)
        {
            Bind(stanza, fault, actions);
        }
        else
        {
            Fail(new(StreamErrorCondition.UnsupportedStanzaType, "this is none of the elements that may come here"), actions);
        }
    }

    private void StartTls(XElement element, List<StreamAction> actions)
    {
        bool isOffered = _identity.IsPlaintext && _profile.OffersTls && _phase is Phase.Tls or Phase.Sasl;
        if (element.Name.LocalName != "starttls" || !isOffered || !_identity.IsPlaintext)
        {
            // RFC 6120 §5.4.2.2: the connection ends too.
            _phase = Phase.Over;
            actions.Add(StreamAction.Send($"<failure xmlns='{Namespaces.Tls}'/>"));
            actions.Add(StreamAction.Over(new(SessionEndReason.Violation, null, "STARTTLS where it is not offered")));
            return;
        }

        _phase = Phase.TlsHandshake;
        actions.Add(StreamAction.Send($"<proceed xmlns='{Namespaces.Tls}'/>"));
        actions.Add(StreamAction.StartTls);
    }

    private void Bind(Stanza? stanza, StanzaFault? fault, List<StreamAction> actions)
    {
        if (_phase != Phase.Bind)
        {
            Fail(new(StreamErrorCondition.NotAuthorized, "a stanza before authentication"), actions);
            return;
        }

        XElement? bind = stanza is { Kind: StanzaKind.Iq, Type: "set" } && fault is null ? stanza.Payload : null;
        if (bind?.Name != Namespaces.Bind + "bind")
        {
            Fail(new(StreamErrorCondition.NotAuthorized, "a stanza before a resource is bound"), actions);
            return;
        }

        string? wanted = (string?)bind.Element(Namespaces.Bind + "resource");
        string text = $"{Jid}/{(string.IsNullOrEmpty(wanted) ? _profile.NewName() : wanted)}";
        if (!Xmpp.Jid.TryParse(text, out Jid full))
        {
            actions.Add(StreamAction.Send(Iq.Error(stanza!, StanzaErrorCondition.BadRequest, "this is not a resource")));
            return;
        }

        Jid = full;
        _phase = Phase.Bound;
        actions.Add(StreamAction.Send(Iq.Result(stanza!, new XElement(
            Namespaces.Bind + "bind", new XElement(Namespaces.Bind + "jid", full.ToString())))));
        actions.Add(StreamAction.Bound);
    }
}

using System.Xml.Linq;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Sessions;
using Dataplane.Xmpp.Stanzas;

namespace Dataplane.Xmpp.Streams;

/// <summary>What a client wants.</summary>
/// <param name="Domain">The server's name, to which the stream goes.</param>
/// <param name="Jid">Whom the client acts as, bare.</param>
/// <param name="Resource">The resource to bind; null: the server chooses.</param>
/// <param name="HasTls">Whether there is a certificate.</param>
/// <param name="AllowsPlaintext">Whether it goes on with a server that does not offer TLS.</param>
internal sealed record ClientProfile(string Domain, Jid Jid, string? Resource, bool HasTls, bool AllowsPlaintext);

/// <summary>
/// The client's side of a stream until it is bound (RFC 6120 §4 to §7). Pure: what came in, what to do out. A server that offers no TLS, or no
/// EXTERNAL, ends it; nothing is ever sent in the clear but the request for TLS, unless the setting for it says so.
/// </summary>
internal sealed class ClientNegotiation
{
    private const string BindId = "bind";

    private readonly ClientProfile _profile;
    private Phase _phase = Phase.Header;
    private bool _isAuthenticated;

    /// <summary>A stream of which nothing has been sent.</summary>
    /// <param name="profile">What the client wants.</param>
    /// <param name="identity">What is known about the server: with direct TLS what it proved, otherwise its address.</param>
    public ClientNegotiation(ClientProfile profile, PeerIdentity identity)
    {
        _profile = profile;
        Identity = identity;
    }

    private enum Phase : byte
    {
        Header,
        Features,
        Proceed,
        Sasl,
        Bind,
        Bound,
        Over,
    }

    /// <summary>What is proved about the server.</summary>
    public PeerIdentity Identity { get; private set; }

    /// <summary>The full address that was bound.</summary>
    public Jid? Bound { get; private set; }

    /// <summary>Begins.</summary>
    public void Start(List<StreamAction> actions)
    {
        _phase = Phase.Header;

        // RFC 6120 §4.7.1: who one is, is not said in the clear.
        string? from = Identity.IsPlaintext && !_profile.AllowsPlaintext ? null : _profile.Jid.ToString();
        actions.Add(StreamAction.Send(StreamText.Header(_profile.Domain, from, null)));
    }

    /// <summary>TLS is up.</summary>
    public void TlsEstablished(PeerIdentity identity, List<StreamAction> actions)
    {
        Identity = identity;
        Start(actions);
    }

    /// <summary>Something has come.</summary>
    public void Accept(in StreamItem item, List<StreamAction> actions)
    {
        switch (item.Kind)
        {
            case StreamItemKind.None:
            case var _ when _phase is Phase.Over or Phase.Bound:
                break;
            case StreamItemKind.Header when _phase == Phase.Header:
                Header(item.Header!, actions);
                break;
            case StreamItemKind.Element when _phase != Phase.Header:
                Element(item.Element!, actions);
                break;
            case StreamItemKind.End:
                _phase = Phase.Over;
                actions.Add(StreamAction.Over(new(SessionEndReason.PeerClosed, null, "the server closed the stream")));
                break;
            case StreamItemKind.Fault:
                Fail(item.Fault, actions);
                break;
            default:
                Fail(new(StreamErrorCondition.BadFormat, "a stream begins where none can"), actions);
                break;
        }
    }

    /// <summary>Ends the stream with an error, as for lack of time.</summary>
    public void Fail(StreamFault fault, List<StreamAction> actions)
    {
        if (_phase != Phase.Over)
        {
            _phase = Phase.Over;
            actions.Add(StreamAction.Send(StreamText.Error(fault)));
            actions.Add(StreamAction.Over(new(SessionEndReason.Violation, fault.Condition, fault.Text)));
        }
    }

    private void Header(StreamHeader header, List<StreamAction> actions)
    {
        _phase = Phase.Features;
        if (header.Check() is { } fault)
        {
            Fail(fault, actions);
        }
        else if (header.From is not null && !(Jid.TryParse(header.From, out Jid from) && from == Jid.Parse(_profile.Domain)))
        {
            Fail(new(StreamErrorCondition.InvalidFrom, $"the stream is of {header.From}, not of {_profile.Domain}"), actions);
        }
    }

    private void Element(XElement element, List<StreamAction> actions)
    {
        if (element.Name == Namespaces.Streams + "error")
        {
            (StreamErrorCondition condition, string? text) = StreamText.ReadError(element);
            _phase = Phase.Over;
            actions.Add(StreamAction.Over(new(SessionEndReason.PeerError, condition, text)));
            return;
        }

        switch (_phase)
        {
            case Phase.Features when element.Name == Namespaces.Streams + "features":
                Features(element, actions);
                break;
            case Phase.Proceed when element.Name == Namespaces.Tls + "proceed":
                actions.Add(StreamAction.StartTls);
                break;
            case Phase.Sasl when element.Name == Namespaces.Sasl + "challenge":
                actions.Add(StreamAction.Send($"<response xmlns='{Namespaces.Sasl}'>{SaslExternal.Encode(_profile.Jid)}</response>"));
                break;
            case Phase.Sasl when element.Name == Namespaces.Sasl + "success":
                _isAuthenticated = true;
                actions.Add(StreamAction.Restart);
                Start(actions);
                break;
            case Phase.Sasl when element.Name == Namespaces.Sasl + "failure":
                GiveUp($"the server refused to authenticate {_profile.Jid}: {ConditionOf(element)}", actions);
                break;
            case Phase.Bind:
                BindAnswer(element, actions);
                break;
            default:
                GiveUp($"the server sent <{element.Name.LocalName}> where something else is due", actions);
                break;
        }
    }

    private void Features(XElement features, List<StreamAction> actions)
    {
        if (_isAuthenticated)
        {
            if (features.Element(Namespaces.Bind + "bind") is null)
            {
                GiveUp("the server offers no binding of resources", actions);
                return;
            }

            _phase = Phase.Bind;
            actions.Add(StreamAction.Send(Iq.Set(BindId, null, new(
                Namespaces.Bind + "bind",
                _profile.Resource is null ? null : new XElement(Namespaces.Bind + "resource", _profile.Resource)))));
            return;
        }

        if (Identity.IsPlaintext && _profile.HasTls && features.Element(Namespaces.Tls + "starttls") is not null)
        {
            _phase = Phase.Proceed;
            actions.Add(StreamAction.Send($"<starttls xmlns='{Namespaces.Tls}'/>"));
        }
        else if (Identity.IsPlaintext && !_profile.AllowsPlaintext)
        {
            GiveUp("the server offers no TLS", actions);
        }
        else if (features.Element(Namespaces.Sasl + "mechanisms")?.Elements(Namespaces.Sasl + "mechanism")
            .Any(static mechanism => mechanism.Value == SaslExternal.Name) != true)
        {
            GiveUp("the server does not accept our certificate: it offers no SASL EXTERNAL", actions);
        }
        else
        {
            _phase = Phase.Sasl;
            actions.Add(StreamAction.Send(
                $"<auth xmlns='{Namespaces.Sasl}' mechanism='{SaslExternal.Name}'>{SaslExternal.Encode(_profile.Jid)}</auth>"));
        }
    }

    private void BindAnswer(XElement element, List<StreamAction> actions)
    {
        if (Stanza.TryRead(element, out Stanza? answer) is not null || answer is not { IsResponse: true, Id: BindId })
        {
            GiveUp("the server does not answer the request to bind", actions);
        }
        else if (answer.Error is { } error)
        {
            GiveUp($"the server refused to bind: {StanzaError.NameOf(error.Condition)}", actions);
        }
        else if (!Jid.TryParse((string?)answer.Payload?.Element(Namespaces.Bind + "jid"), out Jid bound) || bound.IsBare || bound.Bare != _profile.Jid)
        {
            GiveUp("the server bound another address than was asked for", actions);
        }
        else
        {
            Bound = bound;
            _phase = Phase.Bound;
            actions.Add(StreamAction.Bound);
        }
    }

    private void GiveUp(string text, List<StreamAction> actions)
    {
        _phase = Phase.Over;
        actions.Add(StreamAction.Over(new(SessionEndReason.LocalClose, null, text)));
    }

    private static string ConditionOf(XElement failure) => failure.Elements().FirstOrDefault()?.Name.LocalName ?? "no reason given";
}

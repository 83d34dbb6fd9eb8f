using System.Xml.Linq;

namespace Dataplane.Xmpp.Streams;

/// <content>Authentication (RFC 6120 §6).</content>
internal sealed partial class ServerNegotiation
{
    // RFC 6120 §6.4.5 wants two to five.
    private const int Attempts = 3;

    private int _failures;
    private SaslFailure? _lastFailure;

    private void Sasl(XElement element, List<StreamAction> actions)
    {
        switch (element.Name.LocalName)
        {
            case "auth" when _phase == Phase.Tls:
                Refuse(SaslFailure.EncryptionRequired, actions);
                break;
            case "auth" when _phase == Phase.Sasl && (string?)element.Attribute("mechanism") != SaslExternal.Name:
                Refuse(element.Attribute("mechanism") is null ? SaslFailure.MalformedRequest : SaslFailure.InvalidMechanism, actions);
                break;
            case "auth" when _phase == Phase.Sasl && element.Value.Length == 0:
                _phase = Phase.SaslResponse;
                actions.Add(StreamAction.Send($"<challenge xmlns='{Namespaces.Sasl}'/>"));
                break;
            case "auth" when _phase == Phase.Sasl:
            case "response" when _phase == Phase.SaslResponse:
                _phase = Phase.Sasl;
                Respond(element.Value, actions);
                break;
            case "abort" when _phase == Phase.SaslResponse:
                _phase = Phase.Sasl;
                Refuse(SaslFailure.Aborted, actions);
                break;
            default:
                Refuse(SaslFailure.MalformedRequest, actions);
                break;
        }
    }

    private void Respond(string response, List<StreamAction> actions)
    {
        if (!SaslExternal.TryDecode(response, out string identity))
        {
            Refuse(SaslFailure.IncorrectEncoding, actions);
        }
        else if (_profile.Authorization.Decide(_identity, identity, _from, out Jid jid) is { } failure)
        {
            Refuse(failure, actions);
        }
        else
        {
            Jid = jid;
            _phase = Phase.Header;
            _hasSentHeader = false;
            actions.Add(StreamAction.Send($"<success xmlns='{Namespaces.Sasl}'/>"));
            actions.Add(StreamAction.Restart);
        }
    }

    private void Refuse(SaslFailure failure, List<StreamAction> actions)
    {
        _lastFailure = failure;
        actions.Add(StreamAction.Send(SaslExternal.FailureText(failure)));
        if (++_failures >= Attempts)
        {
            Fail(new(StreamErrorCondition.PolicyViolation, "too many attempts to authenticate"), actions);
        }
    }

    /// <summary>Takes note of an attempt that failed since it was last asked; null: none did.</summary>
    public SaslFailure? TakeFailure()
    {
        SaslFailure? failure = _lastFailure;
        _lastFailure = null;
        return failure;
    }
}

using System.Xml.Linq;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>
/// Decides what happens to what comes on a bound stream. Pure: an item in, what to do out. Addresses are checked (XMP-15); pings, service discovery and
/// requests to bind again are answered here; the rest goes to the session's handler.
/// </summary>
internal abstract class StanzaGate
{
    /// <summary>Ids of our own pings begin with it.</summary>
    public const string PingPrefix = "ping-";

    /// <summary>Something has come.</summary>
    public void Accept(in StreamItem item, List<StreamAction> actions)
    {
        switch (item.Kind)
        {
            case StreamItemKind.None:
                break;
            case StreamItemKind.Element:
                Element(item.Element!, actions);
                break;
            case StreamItemKind.End:
                actions.Add(StreamAction.Over(new(SessionEndReason.PeerClosed)));
                break;
            case StreamItemKind.Fault:
                Fail(item.Fault, actions);
                break;
            default:
                Fail(new(StreamErrorCondition.BadFormat, "a stream begins where none can"), actions);
                break;
        }
    }

    /// <summary>Ends the stream with an error.</summary>
    public static void Fail(StreamFault fault, List<StreamAction> actions)
    {
        actions.Add(StreamAction.Send(StreamText.Error(fault)));
        actions.Add(StreamAction.Over(new(SessionEndReason.Violation, fault.Condition, fault.Text)));
    }

    /// <summary>What to do with a stanza, whose <c>from</c> is an address or missing.</summary>
    /// <returns>Whether it goes on.</returns>
    protected abstract bool Admit(Stanza stanza, List<StreamAction> actions);

    /// <summary>Answers a request that the session itself answers.</summary>
    /// <returns>False: it is for the handler.</returns>
    protected virtual bool TryAnswer(Stanza request, XName payload, List<StreamAction> actions)
    {
        if (payload == Namespaces.Ping + "ping" && request.Type == "get")
        {
            actions.Add(StreamAction.Send(Iq.Result(request)));
            return true;
        }

        return false;
    }

    private void Element(XElement element, List<StreamAction> actions)
    {
        if (element.Name == Namespaces.Streams + "error")
        {
            (StreamErrorCondition condition, string? text) = StreamText.ReadError(element);
            actions.Add(StreamAction.Over(new(SessionEndReason.PeerError, condition, text)));
            return;
        }

        StanzaFault? fault = Stanza.TryRead(element, out Stanza? stanza);
        if (stanza is null)
        {
            Fail(
                fault == StanzaFault.BadFrom
                    ? new(StreamErrorCondition.InvalidFrom, "this is not an address")
                    : new(StreamErrorCondition.UnsupportedStanzaType, "this is not a stanza"),
                actions);
        }
        else if (Admit(stanza, actions))
        {
            Pass(stanza, fault, actions);
        }
    }

    private void Pass(Stanza stanza, StanzaFault? fault, List<StreamAction> actions)
    {
        if (fault is not null)
        {
            // An error is not answered by an error (RFC 6120 §8.3.1).
            if (stanza.Kind == StanzaKind.Iq && !stanza.IsResponse)
            {
                actions.Add(StreamAction.Send(Iq.Error(
                    stanza, fault == StanzaFault.BadTo ? StanzaErrorCondition.JidMalformed : StanzaErrorCondition.BadRequest)));
            }
        }
        else if (!(stanza.IsResponse && stanza.Id!.StartsWith(PingPrefix, StringComparison.Ordinal))
            && !(stanza.IsRequest && TryAnswer(stanza, stanza.Payload!.Name, actions)))
        {
            actions.Add(StreamAction.Deliver(stanza));
        }
    }
}

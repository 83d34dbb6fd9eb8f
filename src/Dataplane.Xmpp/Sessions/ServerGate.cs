using System.Xml.Linq;
using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>The gate of a server: a client speaks for itself only, and to the server only.</summary>
/// <param name="profile">Who we are.</param>
/// <param name="client">The client's full address.</param>
/// <param name="features">What service discovery says we do, beside what the session does.</param>
internal sealed class ServerGate(ServerProfile profile, Jid client, IReadOnlyList<string> features) : StanzaGate
{
    /// <inheritdoc/>
    protected override bool Admit(Stanza stanza, List<StreamAction> actions)
    {
        if (stanza.From is { } from && from != client && from != client.Bare)
        {
            Fail(new(StreamErrorCondition.InvalidFrom, "a stanza that is not of this stream's client"), actions);
            return false;
        }

        if (stanza.To is null || (stanza.To is { } to && IsServed(to)))
        {
            return true;
        }

        // There are no other entities here, and nothing is carried between clients.
        if (stanza.IsRequest)
        {
            actions.Add(StreamAction.Send(Iq.ServiceUnavailable(stanza)));
        }

        return false;
    }

    /// <inheritdoc/>
    protected override bool TryAnswer(Stanza request, XName payload, List<StreamAction> actions)
    {
        if (base.TryAnswer(request, payload, actions))
        {
            return true;
        }

        ReadOnlyMemory<byte> answer;
        if (payload == Namespaces.DiscoInfo + "query" && request.Type == "get")
        {
            answer = request.Payload!.Attribute("node") is null
                ? Iq.Result(request, ServiceDiscovery.Info(features))
                : Iq.Error(request, StanzaErrorCondition.ItemNotFound);
        }
        else if (payload == Namespaces.DiscoItems + "query" && request.Type == "get")
        {
            answer = request.Payload!.Attribute("node") is null
                ? Iq.Result(request, new(Namespaces.DiscoItems + "query"))
                : Iq.Error(request, StanzaErrorCondition.ItemNotFound);
        }
        else if (payload == Namespaces.Session + "session" && request.Type == "set")
        {
            answer = Iq.Result(request);
        }
        else if (payload == Namespaces.Bind + "bind")
        {
            answer = Iq.Error(request, StanzaErrorCondition.NotAllowed, "one resource per stream");
        }
        else
        {
            return false;
        }

        actions.Add(StreamAction.Send(answer));
        return true;
    }

    private bool IsServed(Jid to) => (to.Local is null && profile.Serves(to.Domain)) || to == client || to == client.Bare;
}

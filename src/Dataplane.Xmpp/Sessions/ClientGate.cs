using Dataplane.Xmpp.Stanzas;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Sessions;

/// <summary>The gate of a client: only its server speaks to it.</summary>
/// <param name="server">The server's address.</param>
/// <param name="local">The client's full address.</param>
internal sealed class ClientGate(Jid server, Jid local) : StanzaGate
{
    /// <inheritdoc/>
    protected override bool Admit(Stanza stanza, List<StreamAction> actions)
    {
        // A server may speak as the account too (RFC 6120 §8.1.2.1). What others send through it concerns nobody here.
        if (stanza.From is not { } from || from == server || from == local || from == local.Bare)
        {
            return true;
        }

        if (stanza.IsRequest)
        {
            actions.Add(StreamAction.Send(Iq.ServiceUnavailable(stanza)));
        }

        return false;
    }
}

using Dataplane.Net;
using Dataplane.Xmpp.Streams;

namespace Dataplane.Xmpp.Security;

/// <summary>
/// Decides whom a peer may act as (XEP-0178, SEC-05): an address that its certificate names and that is of a domain served here. Without TLS, where a
/// setting allows it, whom it names.
/// </summary>
/// <param name="Domains">The domains of clients.</param>
/// <param name="RequireCertifiedSource">Whether the connection has to come from an address that the certificate names.</param>
internal sealed record Authorization(IReadOnlyCollection<string> Domains, bool RequireCertifiedSource = false)
{
    /// <summary>Decides.</summary>
    /// <param name="identity">What the peer proved.</param>
    /// <param name="requested">Whom it wants to act as; empty: it does not say.</param>
    /// <param name="streamFrom">Whose the stream is, as it said; null: it did not.</param>
    /// <param name="jid">Whom it may act as, a bare address with a local part.</param>
    /// <returns>Null, or why not.</returns>
    public SaslFailure? Decide(PeerIdentity identity, string requested, string? streamFrom, out Jid jid)
    {
        jid = default;
        if (requested.Length > 0)
        {
            return !Jid.TryParse(requested, out Jid named) || !IsClient(named) || (!identity.IsPlaintext && !identity.Jids.Contains(named))
                ? SaslFailure.InvalidAuthzid
                : Admit(identity, named, out jid);
        }

        Jid? from = Jid.TryParse(streamFrom, out Jid parsed) ? parsed.Bare : null;
        if (identity.IsPlaintext)
        {
            return from is { } said && IsClient(said) ? Admit(identity, said, out jid) : SaslFailure.InvalidAuthzid;
        }

        Jid[] proved = [.. identity.Jids.Where(IsClient)];
        return proved.Length switch
        {
            0 => SaslFailure.NotAuthorized,
            1 => Admit(identity, proved[0], out jid),
            _ => from is { } said && proved.Contains(said) ? Admit(identity, said, out jid) : SaslFailure.InvalidAuthzid,
        };
    }

    private SaslFailure? Admit(PeerIdentity identity, Jid admitted, out Jid jid)
    {
        bool isFromElsewhere = RequireCertifiedSource && !identity.MayUse(IpAddress.From(identity.Remote.Address));
        jid = isFromElsewhere ? default : admitted;
        return isFromElsewhere ? SaslFailure.NotAuthorized : null;
    }

    private bool IsClient(Jid jid) => jid.Local is not null && jid.IsBare && Domains.Contains(jid.Domain);
}

using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>The requests by which a publication is made known and withdrawn, in either profile (XMP-09, AMB-05, AMB-11). Pure.</summary>
internal static class PublicationRequests
{
    /// <summary>Makes it known.</summary>
    /// <param name="profile">How the server is spoken to.</param>
    /// <param name="publication">What.</param>
    /// <param name="isNew">Whether its leaf is not one of the VPN's collection yet.</param>
    /// <returns>In the order in which they go.</returns>
    public static IReadOnlyList<PubSubRequest> Publish(WireProfile profile, Publication publication, bool isNew)
    {
        VpnEntry entry = new()
        {
            Prefix = publication.Prefix,
            NextHops = publication.NextHop is { } nextHop ? [new(nextHop, publication.Label)] : [],
            Version = publication.Version,
            Vlan = publication.Vlan,
        };
        return profile == WireProfile.EndSystem06
            ? [new PublishRequest(publication.Vpn, [new(publication.Leaf, entry)])]
            : isNew
                ? [new PublishRequest(publication.Leaf, [new(null, entry)]), new AssociateRequest(publication.Vpn, publication.Leaf)]
                : [new PublishRequest(publication.Leaf, [new(null, entry)])];
    }

    /// <summary>Withdraws what was told.</summary>
    public static IReadOnlyList<PubSubRequest> Withdraw(WireProfile profile, Publication told) => profile == WireProfile.EndSystem06
        ? [new RetractRequest(told.Vpn, [told.Leaf])]
        : [new DissociateRequest(told.Vpn, told.Leaf), new DeleteRequest(told.Leaf)];
}

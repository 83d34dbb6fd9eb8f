using Dataplane.Net;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What an end-system may do in a VPN, and which VRF the VPN is (SIG-11, SEC-06).</summary>
public sealed record VpnGrant
{
    /// <summary>The VPN's name, as clients say it; <c>*</c> stands for any characters.</summary>
    public required string Vpn { get; init; }

    /// <summary>The VRF; null is the one of the VPN's name.</summary>
    public string? Vrf { get; init; }

    /// <summary>Number of the VPN on the end-system, the second part of its route distinguisher (AMB-19); null leaves it to the client or to us.</summary>
    public ushort? Instance { get; init; }

    /// <summary>It may publish these prefixes and what lies inside of them; none allows nothing.</summary>
    public IReadOnlyList<IpPrefix> Prefixes { get; init; } = [];

    /// <summary>Whether it may subscribe.</summary>
    public bool MaySubscribe { get; init; } = true;

    /// <summary>Whether the preference that it publishes counts; otherwise versions alone decide between publishers.</summary>
    public bool MaySetPreference { get; init; }

    /// <summary>Whether a prefix may be published.</summary>
    public bool MayPublish(IpPrefix prefix)
    {
        foreach (IpPrefix allowed in Prefixes)
        {
            if (allowed.Contains(prefix))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>What is provisioned for end-systems of a name.</summary>
public sealed record EndSystemGrant
{
    /// <summary>
    /// The system-id, or the address <c>local@domain</c>, or the domain of an end-system without local part; <c>*</c> stands for any characters.
    /// </summary>
    public required string Pattern { get; init; }

    /// <summary>Its infrastructure addresses: what it may name as next hop beside what its certificate proves (SEC-03, SEC-09).</summary>
    public IReadOnlyList<IpAddress> Infrastructure { get; init; } = [];

    /// <summary>First part of its route distinguishers (AMB-19); null takes its first IPv4 infrastructure address.</summary>
    public Ipv4Address? HostId { get; init; }

    /// <summary>What it is spoken to in; null is the gateway's profile.</summary>
    public PubSub.WireProfile? Profile { get; init; }

    /// <summary>Its VPNs.</summary>
    public IReadOnlyList<VpnGrant> Vpns { get; init; } = [];
}

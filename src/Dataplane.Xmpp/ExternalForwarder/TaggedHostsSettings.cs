using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.ExternalForwarder;

/// <summary>How a forwarder treats the hosts that it serves by VLAN.</summary>
public sealed record TaggedHostsSettings
{
    /// <summary>Who may come: what a host is allowed; null for one that is not known here.</summary>
    public required Func<IXmppChannel, HostAdmission?> Admit { get; init; }

    /// <summary>How long the interfaces of a host whose session was lost stay (SIG-14).</summary>
    public TimeSpan StaleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a published address waits to be associated with a VPN (AMB-06).</summary>
    public TimeSpan PendingTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest name of a VPN.</summary>
    public int LongestVpnName { get; init; } = VpnName.DefaultLength;

    /// <summary>Most interfaces of a host; no more than there are VLANs.</summary>
    public int MostInterfaces { get; init; } = 1024;

    /// <summary>Most addresses of a host, those that wait included.</summary>
    public int MostAddresses { get; init; } = 4096;

    /// <summary>Told of what an operator may want to know.</summary>
    public Action<string>? Noticed { get; init; }
}

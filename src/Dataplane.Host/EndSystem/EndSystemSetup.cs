using System.Security.Cryptography;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Net;
using Dataplane.Routing.Vpn;
using Dataplane.Xmpp.Client;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.ExternalForwarder;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Security;
using Dataplane.Xmpp.Server;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Host.EndSystem;

/// <summary>What a configuration says of the client side of signaling.</summary>
internal static class EndSystemSetup
{
    /// <summary>How servers are talked with.</summary>
    public static EndSystemSettings Client(DataplaneConfiguration configuration, SignalingConfiguration signaling) => new()
    {
        WantsFilters = configuration.IsForwarder,
        Servers = signaling.Role,
        Profile = signaling.Profile,
        SettleTime = signaling.SettleTime,
    };

    /// <summary>The session with a server.</summary>
    public static XmppClientSettings Session(SignalingConfiguration signaling, SignalingServerConfiguration server, TlsCredentials? tls) => new()
    {
        Jid = signaling.Jid,
        Resource = "dataplane",
        ServerName = server.Name,
        Endpoints = [new XmppEndpoint(server.Host ?? server.Name, (ushort)server.Port, server.DirectTls)],
        Tls = tls,
        AllowPlaintext = signaling.AllowPlaintext,
        Session = Session(signaling),
    };

    /// <summary>The server for the hosts behind us.</summary>
    public static XmppServerSettings Server(SignalingConfiguration signaling, HostsConfiguration hosts, TlsCredentials? tls) => new()
    {
        Name = hosts.Name,
        ClientDomains = hosts.Domains,
        Endpoints = [.. hosts.Listen.Select(static listen => new XmppListenEndpoint(listen.Address, listen.Port))],
        Tls = tls,
        AllowPlaintext = signaling.AllowPlaintext,
        Features = [.. ServiceDiscovery.PubSubFeatures, PubSubNamespace.Extension.NamespaceName],
        Session = Session(signaling),
    };

    /// <summary>How those hosts are treated.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="isVpn">Whether there is a VPN of a name at all.</param>
    public static TaggedHostsSettings Hosts(DataplaneConfiguration configuration, Func<string, bool> isVpn)
    {
        HostsConfiguration hosts = configuration.Signaling!.Hosts!;
        Dictionary<string, TaggedHostConfiguration> members = hosts.Members.ToDictionary(static member => member.SystemId, StringComparer.Ordinal);
        return new()
        {
            StaleTime = hosts.StaleTime,
            LongestVpnName = configuration.Signaling.MaxNameLength,
            Admit = channel => channel.Peer.Local is { } local && members.TryGetValue(local, out TaggedHostConfiguration? member)
                ? new HostAdmission(
                    member.Port, member.FramesFrom,
                    vpn => (member.Vpns.Count == 0 || member.Vpns.Contains(vpn)) && isVpn(vpn),
                    (_, prefix) => member.Prefixes.Count == 0 || member.Prefixes.Any(allowed => allowed.Contains(prefix)))
                : null,
        };
    }

    /// <summary>What may be attached.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="checkDevice">Why a device cannot be an interface's port; null when there is no forwarder.</param>
    public static AttachmentOptions Attachments(DataplaneConfiguration configuration, Func<string, string?>? checkDevice) => new()
    {
        SystemId = configuration.Signaling!.Jid.Local!,
        Ports = configuration.IsForwarder
            ? configuration.Ports.Where(static port => port.Role != PortRole.Core).ToDictionary(static port => port.Name, static port => port.Role == PortRole.Access)
            : null,
        CheckDevice = checkDevice,
        FirstVlan = (ushort)configuration.Agent!.FirstVlan,
        LastVlan = (ushort)configuration.Agent.LastVlan,
        MostAttachments = configuration.Limits.Interfaces,
        LongestVpnName = configuration.Signaling.MaxNameLength,
        Check = attachment => CheckConfigured(configuration, attachment),
    };

    /// <summary>Labels to assign: those of the configuration are taken.</summary>
    public static LabelAllocator Labels(DataplaneConfiguration configuration)
    {
        LabelRangeConfiguration range = configuration.Signaling!.LabelRange;
        return new LabelAllocator(range.First, range.Last);
    }

    /// <summary>Takes the labels that configured interfaces have; those of VRFs are taken when their VPN is used.</summary>
    public static void TakeConfigured(DataplaneConfiguration configuration, LabelAllocator labels)
    {
        foreach (InterfaceConfiguration row in configuration.Interfaces)
            _ = labels.TryTake(LabelAllocator.OfInterface($"configured {row.Name}"), row.Label);
        foreach (VrfConfiguration vrf in configuration.Vrfs)
        {
            if (vrf.Label is { } label)
                _ = labels.TryTake(LabelAllocator.OfVrf(vrf.Name), label);
        }
    }

    /// <summary>The certificates, read now; null where there are none to be.</summary>
    /// <exception cref="GatewayException">One of them cannot be used.</exception>
    public static TlsCredentials? Tls(SignalingConfiguration signaling)
    {
        if (signaling is not { Certificate: { } certificate, Key: { } key, Authorities: { } authorities })
            return null;
        try
        {
            return TlsCredentials.FromFiles(certificate, key, authorities);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new GatewayException($"the certificates of 'signaling' cannot be used: {problem.Message}", problem);
        }
    }

    /// <summary>The next hop of what we publish.</summary>
    public static IpAddress NextHop(DataplaneConfiguration configuration) =>
        configuration.Infrastructure.Address is { } address ? address : configuration.Infrastructure.Address6!.Value;

    private static SessionSettings Session(SignalingConfiguration signaling) =>
        new() { PingInterval = signaling.PingInterval, PingMisses = signaling.PingMisses };

    // What is configured statically is not the agent's to give away.
    private static AttachmentProblem? CheckConfigured(DataplaneConfiguration configuration, Attachment attachment)
    {
        foreach (InterfaceConfiguration row in configuration.Interfaces)
        {
            if (row.Name == attachment.Id)
                return new("id", $"'{row.Name}' is an interface of the configuration", IsConflict: true);
            if (row.Port == attachment.Port && (row.Vlan.Count == 0 ? attachment.Vlan is null : row.Vlan.Outer == attachment.Vlan)
                && (row.Mac is null || attachment.Mac is null || row.Mac == attachment.Mac))
            {
                return new(attachment.Vlan is null ? "port" : "vlan", $"this place is that of the configured interface '{row.Name}'", IsConflict: true);
            }
            foreach (AttachedAddress address in attachment.Addresses)
            {
                if (row.Vrf == attachment.Vpn && row.Addresses.Contains(address.Prefix))
                    return new("addresses", $"{address.Prefix} in {row.Vrf} is an address of the configured interface '{row.Name}'", IsConflict: true);
            }
        }
        return null;
    }
}

using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.EndSystem.Attachments;

namespace Dataplane.Host.EndSystem;

/// <summary>A virtual interface as the management API shows it.</summary>
internal sealed record AttachmentView
{
    public required string Id { get; init; }

    public required string Vpn { get; init; }

    public string? Port { get; init; }

    public string? Device { get; init; }

    public ushort? Vlan { get; init; }

    public string? Mac { get; init; }

    public required uint Version { get; init; }

    public uint? Label { get; init; }

    public required IReadOnlyList<AttachedAddressView> Addresses { get; init; }

    /// <summary>Reads one. Routing loop.</summary>
    public static AttachmentView Of(EndSystemRuntime runtime, Attachment attachment) => new()
    {
        Id = attachment.Id,
        Vpn = attachment.Vpn,
        Port = attachment.Port,
        Device = attachment.Device,
        Vlan = attachment.Vlan,
        Mac = attachment.Mac?.ToString(),
        Version = attachment.Version,
        Label = runtime.Interfaces?.LabelOf(attachment.Id)?.Value,
        Addresses = [.. attachment.Addresses.Select(address => AttachedAddressView.Of(runtime, attachment, address))],
    };
}

/// <summary>An address of it: which servers have acknowledged it, and why it attracts no traffic, if it does not.</summary>
internal sealed record AttachedAddressView(string Prefix, string Leaf, IReadOnlyList<string> PublishedTo, string? Refused, string? Elsewhere)
{
    /// <summary>Reads one. Routing loop.</summary>
    public static AttachedAddressView Of(EndSystemRuntime runtime, Attachment attachment, AttachedAddress address) => new(
        address.Prefix.ToString(), address.Leaf,
        [.. runtime.Client.Servers.Where(server => server.Synchronizer.IsPublished(address.Leaf)).Select(static server => server.Name)],
        runtime.Client.Servers.Select(server => server.Synchronizer.FailureOf(address.Leaf) is { } failure ? $"{server.Name}: {failure}" : null)
            .FirstOrDefault(static text => text is not null),
        runtime.Agent!.StateOf(attachment, address));
}

/// <summary>A server as the management API shows it.</summary>
internal sealed record ServerView(
    string Name, bool IsUp, bool IsRouteSource, DateTimeOffset? Since, string? LastEnd, int Subscriptions, int Publications, int Pending,
    long Sessions, long Events, long Refusals, long Malformed)
{
    /// <summary>Reads one. Routing loop.</summary>
    public static ServerView Of(EndSystemClient client, EndSystemServer server) => new(
        server.Name, server.IsUp, client.RouteSource == server, server.Changed, server.LastEnd?.Reason.ToString(),
        server.Synchronizer.SubscribedCount, server.Synchronizer.PublishedCount, server.Synchronizer.PendingCount,
        server.Sessions, server.Events, server.Refusals, server.Malformed);
}

/// <summary>A host behind an external forwarder, and its interfaces (EXT-08).</summary>
internal sealed record HostView(string SystemId, bool IsUp, IReadOnlyList<HostInterfaceView> Interfaces);

/// <summary>An interface of such a host.</summary>
internal sealed record HostInterfaceView(string Vpn, ushort Vlan, uint? Label, IReadOnlyList<string> Addresses);

/// <summary>A route as a host sees it (MGT-06): our own prefixes lead to <c>localhost</c> (AGT-08).</summary>
internal sealed record HostRouteView(string Prefix, IReadOnlyList<HostNextHopView> NextHops, uint Version, bool Stale)
{
    /// <summary>Reads one. Routing loop.</summary>
    public static HostRouteView Of(EndSystemRuntime runtime, NotifiedRoute route) => new(
        route.Prefix.ToString(),
        [.. route.NextHops.Select(hop => new HostNextHopView(runtime.IsOurs(hop.Address.Unmapped) ? "localhost" : hop.Address.ToString(), hop.Label.Value))],
        route.Version, route.IsStale);
}

/// <summary>A next hop of it.</summary>
internal sealed record HostNextHopView(string Address, uint Label);

using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>What virtual interfaces may be on an end system.</summary>
public sealed record AttachmentOptions
{
    /// <summary>The local part of our address: what leaf names begin with (XMP-03, XMP-09).</summary>
    public required string SystemId { get; init; }

    /// <summary>The ports that interfaces can be on, and whether each takes VLANs; null: interfaces are reached by VLAN through an external forwarder.</summary>
    public IReadOnlyDictionary<string, bool>? Ports { get; init; }

    /// <summary>Why a device cannot be an interface's port; null when it may. Null itself: interfaces are on ports of the configuration only.</summary>
    public Func<string, string?>? CheckDevice { get; init; }

    /// <summary>Lowest VLAN to choose.</summary>
    public ushort FirstVlan { get; init; } = 2;

    /// <summary>Highest VLAN to choose.</summary>
    public ushort LastVlan { get; init; } = 4094;

    /// <summary>Most interfaces.</summary>
    public int MostAttachments { get; init; } = 4096;

    /// <summary>Longest name of a VPN.</summary>
    public int LongestVpnName { get; init; } = VpnName.DefaultLength;

    /// <summary>What else is in use, by interfaces that are configured; null: nothing.</summary>
    public Func<Attachment, AttachmentProblem?>? Check { get; init; }
}

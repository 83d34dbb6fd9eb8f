using Dataplane.Forwarding;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Model;

/// <summary>What the specification says becomes of one packet.</summary>
internal sealed record Prediction
{
    internal required Exit Exit { get; init; }

    /// <summary>Why it is dropped.</summary>
    internal DropReason Drop { get; init; }

    /// <summary>Why it is punted.</summary>
    internal PuntReason Punt { get; init; }

    /// <summary>DPDK port it leaves on.</summary>
    internal ushort Port { get; init; }

    /// <summary>The frame sent, byte by byte; or the IP packet punted, empty for frames without one.</summary>
    internal byte[] Bytes { get; init; } = [];

    /// <summary>The frame is MPLS-in-UDP: its source port is the sender's choice of flow entropy.</summary>
    internal bool EntropyPort { get; init; }

    /// <summary>Of a packet sent: the same for all packets of a flow that took the same way in.</summary>
    internal string Flow { get; init; } = "";

    /// <summary>Of a packet sent: as it came from the guest, or out of its tunnel.</summary>
    internal byte[] Tenant { get; init; } = [];

    /// <summary>Of a packet sent: it left by tunnel.</summary>
    internal bool Tunnelled { get; init; }

    /// <summary>Of a packet sent: its TTL is lower by one.</summary>
    internal bool Hop { get; init; }

    /// <summary>Of a punted packet: interface it came from, to which it goes, VRF, tunnel, and what would have fitted.</summary>
    internal uint Interface { get; init; } = uint.MaxValue;

    internal uint OutInterface { get; init; } = uint.MaxValue;

    internal uint Vrf { get; init; } = uint.MaxValue;

    internal uint Tunnel { get; init; } = uint.MaxValue;

    internal int Mtu { get; init; }

    internal bool FromCore { get; init; }

    internal bool KeepTtl { get; init; }

    internal bool CoreView { get; init; }

    internal static Prediction Dropped(DropReason reason) => new() { Exit = Exit.Freed, Drop = reason };
}

using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem;

/// <summary>An address of a virtual interface that this end system makes known (XMP-09).</summary>
public sealed record Publication
{
    /// <summary>Name of its leaf node, unique on this end system (AMB-05).</summary>
    public required string Leaf { get; init; }

    /// <summary>The VPN.</summary>
    public required string Vpn { get; init; }

    /// <summary>The address, or a prefix that is looked up on arrival (FWD-19).</summary>
    public required IpPrefix Prefix { get; init; }

    /// <summary>Infrastructure address of our forwarder; null towards an external forwarder, which puts its own there (AMB-17).</summary>
    public IpAddress? NextHop { get; init; }

    /// <summary>The label that our forwarder gave it; null likewise.</summary>
    public Label20? Label { get; init; }

    /// <summary>Instance number of the workload; 0 for none (AGT-07).</summary>
    public uint Version { get; init; }

    /// <summary>The access port of ours that it is behind; not told to anybody. Null where there is none.</summary>
    public string? Port { get; init; }

    /// <summary>VLAN of the interface, towards an external forwarder (AMB-18).</summary>
    public ushort? Vlan { get; init; }
}

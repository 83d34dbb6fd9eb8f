namespace Dataplane.Xmpp.EndSystem;

/// <summary>What the servers of an end system are.</summary>
public enum ServerRole : byte
{
    /// <summary>Signaling gateways: everything is published to each, routes are taken from one (XMP-05).</summary>
    Gateway,

    /// <summary>External forwarders: each is told everything, with VLANs, and sends no routes (EXT-06, EXT-12).</summary>
    ExternalForwarder,
}

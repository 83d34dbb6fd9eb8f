namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>What a peer is to us, as far as rules of advertisement ask.</summary>
public enum PeerKind : byte
{
    /// <summary>Of another AS.</summary>
    External,

    /// <summary>Of our AS, not our route reflector client.</summary>
    Internal,

    /// <summary>Our route reflector client (RFC 4456).</summary>
    Client,
}

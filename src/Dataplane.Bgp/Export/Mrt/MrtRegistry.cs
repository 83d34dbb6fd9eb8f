namespace Dataplane.Bgp.Export.Mrt;

/// <summary>Types of MRT records that are written (IANA, MRT).</summary>
internal enum MrtType : ushort
{
    TableDumpV2 = 13,
    Bgp4MpEt = 17,
}

/// <summary>Subtypes of BGP4MP_ET (RFC 6396 §4.4, RFC 8050 §3): with two or four octets of AS number, received or
/// (<c>Local</c>) sent, without or with path identifiers.</summary>
internal enum MrtMessageSubtype : ushort
{
    Message = 1,
    MessageAs4 = 4,
    StateChangeAs4 = 5,
    MessageLocal = 6,
    MessageAs4Local = 7,
    MessageAddPath = 8,
    MessageAs4AddPath = 9,
    MessageLocalAddPath = 10,
    MessageAs4LocalAddPath = 11,
}

/// <summary>Subtypes of TABLE_DUMP_V2 (RFC 6396 §4.3, RFC 8050 §4).</summary>
internal enum MrtTableSubtype : ushort
{
    PeerIndexTable = 1,
    RibIpv4Unicast = 2,
    RibIpv6Unicast = 4,
    RibGeneric = 6,
    RibIpv4UnicastAddPath = 8,
    RibIpv6UnicastAddPath = 10,
    RibGenericAddPath = 12,
}

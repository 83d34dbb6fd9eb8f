using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Dataplane.Routing;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// Capabilities (RFC 5492 §4) as octets: a sequence of code, length, value.
/// <code>
/// +---------------+---------------+-------------------------------+
/// |     code      |    length     |  value ...                    |
/// +---------------+---------------+-------------------------------+
///   1 multiprotocol (RFC 4760 §8)      | AFI (2) | reserved (1) | SAFI (1) |
///   2 route refresh (RFC 2918)         no value
///   5 extended next hop (RFC 8950 §4)  | AFI (2) | SAFI (2) | next hop AFI (2) | ...
///   6 extended message (RFC 8654)      no value
///  64 graceful restart (RFC 4724 §3)   |R|N|0 0| restart time (12 bits) | AFI (2) | SAFI (1) |F|0 0 0 0 0 0 0| ...
///  65 four-octet AS (RFC 6793 §3)      | AS number (4) |
///  69 add-path (RFC 7911 §4)           | AFI (2) | SAFI (1) | 1 receive, 2 send, 3 both | ...
///  70 enhanced refresh (RFC 7313)      no value
///  71 long-lived restart (RFC 9494)    | AFI (2) | SAFI (1) |F|0 0 0 0 0 0 0| stale time (3) | ...
/// </code>
/// A capability whose value has not the shape given is kept as an unknown one and does not count. Of one that comes more than
/// once the entries add up; of graceful restart the last counts (RFC 5492 §4, RFC 4724 §3).
/// </summary>
internal static class CapabilityCodec
{
    private const ushort AfiIpv6 = 2;
    private const byte ForwardingKept = 0x80;
    private const ushort Restarting = 0x8000;
    private const ushort Notifications = 0x4000;
    private const ushort RestartSecondsMask = 0x0FFF;
    private const uint StaleSecondsMask = 0xFF_FFFF;

    /// <summary>Reads a sequence of capabilities on top of what was read before.</summary>
    /// <returns>False when a length goes beyond the end.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> octets, ref Capabilities capabilities)
    {
        while (!octets.IsEmpty)
        {
            if (octets.Length < 2 || octets.Length < 2 + octets[1])
            {
                return false;
            }

            var code = (CapabilityCode)octets[0];
            ReadOnlySpan<byte> value = octets.Slice(2, octets[1]);
            capabilities = Read(code, value, capabilities)
                ?? capabilities with { Unknown = capabilities.Unknown.Add(new(code, value.ToArray())) };
            octets = octets[(2 + value.Length)..];
        }

        return true;
    }

    /// <summary>Writes all capabilities, in ascending order of code.</summary>
    public static void Encode(Capabilities capabilities, ArrayBufferWriter<byte> to)
    {
        foreach (RouteFamily family in capabilities.Families)
        {
            Write(to, CapabilityCode.Multiprotocol, [.. Afi(family), 0, family.Safi]);
        }

        foreach ((ushort afi, byte safi) in capabilities.OtherFamilies)
        {
            Write(to, CapabilityCode.Multiprotocol, [(byte)(afi >> 8), (byte)afi, 0, safi]);
        }

        WriteFlag(to, CapabilityCode.RouteRefresh, capabilities.RouteRefresh);
        WriteFamilies(to, CapabilityCode.ExtendedNextHop, capabilities.ExtendedNextHop, family => [.. Afi(family), 0, family.Safi, 0, (byte)AfiIpv6]);
        WriteFlag(to, CapabilityCode.ExtendedMessage, capabilities.ExtendedMessages);
        if (capabilities.GracefulRestart is { } restart)
        {
            var head = (restart.Restarting ? Restarting : 0) | (restart.Notifications ? Notifications : 0) | (restart.RestartSeconds & RestartSecondsMask);
            var value = new List<byte> { (byte)(head >> 8), (byte)head };
            foreach (RouteFamily family in restart.Families)
            {
                value.AddRange([.. Afi(family), family.Safi, restart.ForwardingKept.Contains(family) ? ForwardingKept : (byte)0]);
            }

            Write(to, CapabilityCode.GracefulRestart, [.. value]);
        }

        if (capabilities.FourOctetAs is { } number)
        {
            var value = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(value, number.Value);
            Write(to, CapabilityCode.FourOctetAs, value);
        }

        var addPath = new FamilySet((ushort)(capabilities.AddPathReceive.Bits | capabilities.AddPathSend.Bits));
        WriteFamilies(to, CapabilityCode.AddPath, addPath, family =>
        [
            .. Afi(family), family.Safi,
            (byte)((capabilities.AddPathReceive.Contains(family) ? 1 : 0) | (capabilities.AddPathSend.Contains(family) ? 2 : 0)),
        ]);
        WriteFlag(to, CapabilityCode.EnhancedRouteRefresh, capabilities.EnhancedRouteRefresh);
        if (!capabilities.LongLived.IsEmpty)
        {
            Write(to, CapabilityCode.LongLivedGracefulRestart, [.. capabilities.LongLived.SelectMany(LongLivedOctets)]);
        }

        foreach (UnknownCapability unknown in capabilities.Unknown)
        {
            Write(to, unknown.Code, unknown.Value.Span);
        }
    }

    private static Capabilities? Read(CapabilityCode code, ReadOnlySpan<byte> value, Capabilities c) => code switch
    {
        CapabilityCode.Multiprotocol when value.Length == 4 => ReadMultiprotocol(value, c),
        CapabilityCode.RouteRefresh when value.IsEmpty => c with { RouteRefresh = true },
        CapabilityCode.ExtendedMessage when value.IsEmpty => c with { ExtendedMessages = true },
        CapabilityCode.EnhancedRouteRefresh when value.IsEmpty => c with { EnhancedRouteRefresh = true },
        CapabilityCode.FourOctetAs when value.Length == 4 => c with { FourOctetAs = new(BinaryPrimitives.ReadUInt32BigEndian(value)) },
        CapabilityCode.ExtendedNextHop when value.Length % 6 == 0 => ReadExtendedNextHop(value, c),
        CapabilityCode.GracefulRestart when value.Length % 4 == 2 => c with { GracefulRestart = ReadGracefulRestart(value) },
        CapabilityCode.AddPath when value.Length % 4 == 0 => ReadAddPath(value, c),
        CapabilityCode.LongLivedGracefulRestart when value.Length % 7 == 0 => ReadLongLived(value, c),
        _ => null,
    };

    private static Capabilities ReadMultiprotocol(ReadOnlySpan<byte> value, Capabilities c)
    {
        var afi = BinaryPrimitives.ReadUInt16BigEndian(value);
        return RouteFamilies.TryGet(afi, value[3], out RouteFamily family) ? c with { Families = c.Families.With(family) }
            : c.OtherFamilies.Contains((afi, value[3])) ? c
            : c with { OtherFamilies = c.OtherFamilies.Add((afi, value[3])) };
    }

    private static Capabilities ReadExtendedNextHop(ReadOnlySpan<byte> value, Capabilities c)
    {
        FamilySet families = c.ExtendedNextHop;
        for (; !value.IsEmpty; value = value[6..])
        {
            if (TryFamily(value, value[3], out RouteFamily family) && family.Afi != AfiIpv6 && value[2] == 0
                && BinaryPrimitives.ReadUInt16BigEndian(value[4..]) == AfiIpv6)
            {
                families = families.With(family);
            }
        }

        return c with { ExtendedNextHop = families };
    }

    private static GracefulRestartCapability ReadGracefulRestart(ReadOnlySpan<byte> value)
    {
        var head = BinaryPrimitives.ReadUInt16BigEndian(value);
        FamilySet families = default, kept = default;
        for (value = value[2..]; !value.IsEmpty; value = value[4..])
        {
            if (TryFamily(value, value[2], out RouteFamily family))
            {
                families = families.With(family);
                kept = (value[3] & ForwardingKept) != 0 ? kept.With(family) : kept;
            }
        }

        return new()
        {
            Restarting = (head & Restarting) != 0,
            Notifications = (head & Notifications) != 0,
            RestartSeconds = (ushort)(head & RestartSecondsMask),
            Families = families,
            ForwardingKept = kept,
        };
    }

    private static Capabilities ReadAddPath(ReadOnlySpan<byte> value, Capabilities c)
    {
        (FamilySet receive, FamilySet send) = (c.AddPathReceive, c.AddPathSend);
        for (; !value.IsEmpty; value = value[4..])
        {
            // A value other than 1, 2 and 3 makes the entry void (RFC 7911 §4).
            if (TryFamily(value, value[2], out RouteFamily family) && value[3] is >= 1 and <= 3)
            {
                receive = (value[3] & 1) != 0 ? receive.With(family) : receive;
                send = (value[3] & 2) != 0 ? send.With(family) : send;
            }
        }

        return c with { AddPathReceive = receive, AddPathSend = send };
    }

    private static Capabilities ReadLongLived(ReadOnlySpan<byte> value, Capabilities c)
    {
        ImmutableArray<LongLivedFamily>.Builder families = c.LongLived.ToBuilder();
        for (; !value.IsEmpty; value = value[7..])
        {
            if (TryFamily(value, value[2], out RouteFamily family))
            {
                families.Add(new(family, (value[3] & ForwardingKept) != 0, BinaryPrimitives.ReadUInt32BigEndian(value[3..]) & StaleSecondsMask));
            }
        }

        return c with { LongLived = families.ToImmutable() };
    }

    private static bool TryFamily(ReadOnlySpan<byte> afi, byte safi, out RouteFamily family) =>
        RouteFamilies.TryGet(BinaryPrimitives.ReadUInt16BigEndian(afi), safi, out family);

    private static byte[] Afi(RouteFamily family) => [(byte)(family.Afi >> 8), (byte)family.Afi];

    private static byte[] LongLivedOctets(LongLivedFamily entry) =>
    [
        .. Afi(entry.Family), entry.Family.Safi, entry.ForwardingKept ? ForwardingKept : (byte)0,
        (byte)(entry.StaleSeconds >> 16), (byte)(entry.StaleSeconds >> 8), (byte)entry.StaleSeconds,
    ];

    private static void WriteFlag(ArrayBufferWriter<byte> to, CapabilityCode code, bool there)
    {
        if (there)
        {
            Write(to, code, []);
        }
    }

    private static void WriteFamilies(ArrayBufferWriter<byte> to, CapabilityCode code, FamilySet families, Func<RouteFamily, byte[]> entry)
    {
        var value = new List<byte>();
        foreach (RouteFamily family in families)
        {
            value.AddRange(entry(family));
        }

        if (value.Count > 0)
        {
            Write(to, code, [.. value]);
        }
    }

    private static void Write(ArrayBufferWriter<byte> to, CapabilityCode code, ReadOnlySpan<byte> value) =>
        to.Write([(byte)code, checked((byte)value.Length), .. value]);
}

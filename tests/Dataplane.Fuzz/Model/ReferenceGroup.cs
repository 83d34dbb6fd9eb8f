using System.Buffers.Binary;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Fuzz.Model;

/// <summary>
/// Next hops to choose from, as ADR-0004 says it and without the program's code: each member's rank of every bucket is
/// written out, and the lowest score wins. Per-packet groups are not modelled.
/// </summary>
internal sealed class ReferenceGroup
{
    private const int Bits = 17;
    private const int Buckets = 1 << Bits;
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private static readonly double[] Waits = OrderStatistics();
    private readonly List<Member> _members = [];
    private readonly LoadBalance _loadBalance;

    internal ReferenceGroup(GroupSettings settings, Func<GroupMember, IpAddress> ownerOf)
    {
        _loadBalance = settings.LoadBalance;
        foreach (GroupMember member in settings.Members)
        {
            Span<byte> owner = new byte[16];
            IpAddress address = ownerOf(member);
            if (address.Family == AddressFamily.Ipv6)
            {
                address.V6.CopyTo(owner);
            }
            else
            {
                owner[10] = owner[11] = 0xFF;
                address.V4.CopyTo(owner[12..]);
            }
            ulong key = Mix(BinaryPrimitives.ReadUInt64BigEndian(owner) + Golden);
            key = Mix((key ^ BinaryPrimitives.ReadUInt64BigEndian(owner[8..])) + Golden);
            key = Mix((key ^ member.Label.Value) + Golden);
            Leaf leaf = member.Tunnel is { } tunnel ? Leaf.Create(LeafKind.Tunnel, 0, tunnel.Value, member.Label.Value)
                : member.LookUpIn is { } vrf ? Leaf.Create(LeafKind.CoreLookup, 0, vrf.Value)
                : Leaf.Create(LeafKind.Interface, 0, member.Interface.Value);
            _members.Add(new Member(key, 1.0 / member.Weight, Ranks(key), leaf));
        }
    }

    /// <summary>The member that a packet takes by a route of the given length.</summary>
    internal Leaf Choose(ReadOnlySpan<byte> packet, int prefixLength)
    {
        uint hash = _loadBalance == LoadBalance.PerPrefix ? PrefixHash(packet, prefixLength) : FlowHash(packet);
        uint bucket = hash >> (32 - Bits);
        return _members.Count == 0 ? Leaf.None : _members.MinBy(member => (Waits[member.Ranks[bucket]] * member.Slowness, member.Key))!.Leaf;
    }

    private static uint FlowHash(ReadOnlySpan<byte> packet)
    {
        bool v6 = packet[0] >> 4 == 6;
        ReadOnlySpan<byte> body = v6 ? packet[40..] : packet[((packet[0] & 15) * 4)..];
        byte protocol = v6 ? packet[6] : packet[9];
        bool fragment = !v6 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        for (int headers = 0; v6 && headers < 8 && body.Length >= 8; headers++)
        {
            int bytes = protocol switch
            {
                0 or 43 or 60 or 135 or 139 or 140 => 8 * (body[1] + 1),
                51 => 4 * (body[1] + 2),
                44 when (BinaryPrimitives.ReadUInt16BigEndian(body[2..]) & 0xFFF9) == 0 => 8,
                _ => 0,
            };
            if (bytes == 0)
                break;
            protocol = body[0];
            body = bytes <= body.Length ? body[bytes..] : [];
        }
        (uint from, uint to) = (0, 0);
        if (!fragment && protocol is 6 or 17 or 132 && body.Length >= 4)
            (from, to) = (Word(body), Word(body[2..]));
        else if (!fragment && body.Length >= 8 && ((protocol == 1 && body[0] is 0 or 8) || (protocol == 58 && body[0] is 128 or 129)))
            from = to = Word(body[4..]);
        if (fragment)
            (from, to) = (0, 0);
        (uint source, uint destination) = v6 ? (Fold(packet[8..24]), Fold(packet[24..40])) : (Double(packet[12..]), Double(packet[16..]));
        return Last((End(source, from) + End(destination, to)) ^ protocol);
    }

    private static uint PrefixHash(ReadOnlySpan<byte> packet, int prefixLength)
    {
        byte[] address = (packet[0] >> 4 == 6 ? packet[24..40] : packet[16..20]).ToArray();
        for (int bit = prefixLength; bit < 8 * address.Length; bit++)
            address[bit / 8] &= (byte)~(0x80 >> bit % 8);
        return Last(End(address.Length == 16 ? Fold(address) : Double(address), (uint)prefixLength));
    }

    private static uint Fold(ReadOnlySpan<byte> address)
    {
        ulong first = (ulong)(Double(address) + 0x243F6A88) * (Double(address[4..]) + 0x85A308D3);
        ulong second = (ulong)(Double(address[8..]) + 0x13198A2E) * (Double(address[12..]) + 0x03707344);
        return (uint)((first + second) ^ (first + second) >> 32);
    }

    private static uint End(uint address, uint port)
    {
        uint x = (address ^ (address >> 16)) * 0x21F0AAAD;
        x = (x ^ (x >> 15) ^ (port * 0x9E3779B1)) * 0xD35A2D97;
        return x ^ (x >> 15);
    }

    private static uint Last(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7FEB352D;
        x = (x ^ (x >> 15)) * 0x846CA68B;
        return x ^ (x >> 16);
    }

    private static int[] Ranks(ulong key)
    {
        ulong[] words = [Mix(key + Golden), Mix(key + unchecked(2 * Golden))];
        uint Part(int i) => (uint)(words[i / 3] >> i % 3 * Bits) % Buckets;
        var ranks = new int[Buckets];
        for (int rank = 0; rank < Buckets; rank++)
        {
            uint x = (uint)rank;
            for (int round = 0; round < 3; round++)
            {
                x = ((x * (Part(2 * round) | 1)) + Part((2 * round) + 1)) % Buckets;
                x ^= x >> 9;
            }
            ranks[x] = rank;
        }
        return ranks;
    }

    // Of so many exponential variables the one with this rank, in units of 2^-40.
    private static double[] OrderStatistics()
    {
        var waits = new double[Buckets];
        long sum = 0;
        for (int i = 0; i < Buckets; i++)
            waits[i] = sum += (1L << 40) / (Buckets - i);
        return waits;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private static uint Word(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    private static uint Double(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32LittleEndian(at);

    private sealed record Member(ulong Key, double Slowness, int[] Ranks, Leaf Leaf);
}

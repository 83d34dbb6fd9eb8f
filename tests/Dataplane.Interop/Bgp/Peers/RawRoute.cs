using System.Buffers.Binary;
using System.Net;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>A path attribute as it came.</summary>
public sealed record RawAttribute(byte Flags, byte Type, byte[] Value)
{
    public override string ToString() => $"{Flags:x2}/{Type}={Convert.ToHexString(Value)}";
}

/// <summary>A route as a raw peer was sent it: its attributes, MP_REACH_NLRI without the NLRI.</summary>
public sealed record RawRoute(string Prefix, IReadOnlyDictionary<byte, RawAttribute> Attributes)
{
    public override string ToString() => $"{Prefix} {string.Join(' ', Attributes.Values)}";

    /// <summary>
    /// The routes that a raw peer holds after all messages so far: IPv4 unicast ones by prefix, VPN-IPv4 ones by distinguisher and
    /// prefix as in <c>65000:1 10.0.0.0/8</c>. Add-path is not understood.
    /// </summary>
    public static Dictionary<string, RawRoute> Held(IEnumerable<RawMessage> messages)
    {
        Dictionary<string, RawRoute> routes = [];
        foreach (RawMessage message in messages.Where(message => message.Type == BgpBytes.Update))
        {
            ReadOnlySpan<byte> body = message.Body;
            int withdrawn = BinaryPrimitives.ReadUInt16BigEndian(body);
            int attributes = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + withdrawn)..]);
            foreach (string prefix in Prefixes(body.Slice(2, withdrawn), vpn: false))
            {
                _ = routes.Remove(prefix);
            }

            Dictionary<byte, RawAttribute> parsed = Parse(body.Slice(4 + withdrawn, attributes));
            List<string> announced = [.. Prefixes(body[(4 + withdrawn + attributes)..], vpn: false)];
            if (parsed.TryGetValue(15, out RawAttribute? unreach) && Safi(unreach) is 1 or 128)
            {
                foreach (string prefix in Prefixes(unreach.Value.AsSpan(3), Safi(unreach) == 128))
                {
                    _ = routes.Remove(prefix);
                }
            }

            if (parsed.TryGetValue(14, out RawAttribute? reach) && Safi(reach) is 1 or 128)
            {
                int nlri = 5 + reach.Value[3];
                announced.AddRange(Prefixes(reach.Value.AsSpan(nlri), Safi(reach) == 128));
                parsed[14] = reach with { Value = reach.Value[..nlri] };
            }

            foreach (string prefix in announced)
            {
                routes[prefix] = new RawRoute(prefix, parsed);
            }
        }

        return routes;
    }

    /// <summary>SAFI of an IPv4 attribute; 0 for other address families.</summary>
    private static byte Safi(RawAttribute attribute) => attribute.Value[1] == 1 ? attribute.Value[2] : (byte)0;

    private static Dictionary<byte, RawAttribute> Parse(ReadOnlySpan<byte> octets)
    {
        Dictionary<byte, RawAttribute> attributes = [];
        while (octets.Length > 0)
        {
            bool extended = (octets[0] & 0x10) != 0;
            int start = extended ? 4 : 3;
            int length = extended ? BinaryPrimitives.ReadUInt16BigEndian(octets[2..]) : octets[2];
            attributes.Add(octets[1], new RawAttribute((byte)(octets[0] & 0xEF), octets[1], octets.Slice(start, length).ToArray()));
            octets = octets[(start + length)..];
        }

        return attributes;
    }

    private static List<string> Prefixes(ReadOnlySpan<byte> octets, bool vpn)
    {
        List<string> prefixes = [];
        while (octets.Length > 0)
        {
            int count = (octets[0] + 7) / 8;
            ReadOnlySpan<byte> value = octets.Slice(1, count);
            int before = vpn ? 11 : 0;
            byte[] address = new byte[4];
            value[before..].CopyTo(address);
            string prefix = $"{new IPAddress(address)}/{octets[0] - 8 * before}";
            prefixes.Add(vpn ? $"{BinaryPrimitives.ReadUInt16BigEndian(value[5..])}:{BinaryPrimitives.ReadUInt32BigEndian(value[7..])} {prefix}" : prefix);
            octets = octets[(1 + count)..];
        }

        return prefixes;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dataplane.Net;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// Opaque ids of routes towards subscribers (AMB-10, XMP-12): a keyed hash of VRF and prefix, the same each time, and nothing of who published.
/// </summary>
internal sealed class RouteTokens
{
    private readonly byte[] _key;

    /// <summary>Tokens by a key; null makes one.</summary>
    public RouteTokens(byte[]? key) => _key = key ?? RandomNumberGenerator.GetBytes(32);

    /// <summary>The token of a prefix, 32 hexadecimal digits.</summary>
    public string Of(string vrf, IpPrefix prefix)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(vrf.Length) + 18];
        prefix.Address.CopyTo(text);
        BinaryPrimitives.WriteUInt16BigEndian(text[16..], (ushort)(prefix.Length << 8 | (prefix.Address.IsV6 ? 2 : 1)));
        if (prefix.Address.IsV4)
        {
            text[4..16].Clear();
        }

        var length = 18 + Encoding.UTF8.GetBytes(vrf, text[18..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_key, text[..length], hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    /// <summary>The token of what stands in a feed.</summary>
    public string Of(string vrf, in FeedKey key, AddressFamily? rules)
    {
        if (key.Rule is null)
        {
            return Of(vrf, key.Prefix);
        }

        // No prefix and VRF hash alike: these begin with an address.
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"rule {(rules == AddressFamily.Ipv6 ? 6 : 4)} {key.Rule} {vrf}"), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}

using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>
/// Which interfaces of this forwarder say that an address is theirs. The highest version has it, of equals the one that had it before (MOB-06); at no
/// time do two (MOB-10). Routing loop.
/// </summary>
internal sealed class AddressClaims
{
    private readonly Dictionary<(string Vpn, IpPrefix Prefix), List<Claim>> _claims = [];

    /// <summary>Who has an address; null for nobody.</summary>
    public string? OwnerOf(string vpn, IpPrefix prefix) =>
        _claims.TryGetValue((vpn, prefix), out List<Claim>? claims) ? Best(claims).Key : null;

    /// <summary>Version with which it is had; 0 for nobody.</summary>
    public uint VersionOf(string vpn, IpPrefix prefix) => _claims.TryGetValue((vpn, prefix), out List<Claim>? claims) ? Best(claims).Version : 0;

    /// <summary>Who says that an address is theirs.</summary>
    public IEnumerable<string> KeysOf(string vpn, IpPrefix prefix) =>
        _claims.TryGetValue((vpn, prefix), out List<Claim>? claims) ? claims.Select(static claim => claim.Key) : [];

    /// <summary>An interface says that an address is its.</summary>
    public void Set(string vpn, IpPrefix prefix, string key, uint version)
    {
        if (!_claims.TryGetValue((vpn, prefix), out List<Claim>? claims))
        {
            _claims.Add((vpn, prefix), claims = []);
        }

        // Whoever has it stays first, so that an equal one does not take it.
        var at = claims.FindIndex(claim => claim.Key == key);
        if (at >= 0)
        {
            claims[at] = new(key, version);
        }
        else
        {
            claims.Add(new(key, version));
        }

        Claim best = Best(claims);
        _ = claims.Remove(best);
        claims.Insert(0, best);
    }

    /// <summary>It no longer does.</summary>
    public void Remove(string vpn, IpPrefix prefix, string key)
    {
        if (_claims.TryGetValue((vpn, prefix), out List<Claim>? claims) && claims.RemoveAll(claim => claim.Key == key) != 0 && claims.Count == 0)
        {
            _ = _claims.Remove((vpn, prefix));
        }
    }

    private static Claim Best(List<Claim> claims)
    {
        Claim best = claims[0];
        foreach (Claim claim in claims)
        {
            best = claim.Version > best.Version ? claim : best;
        }

        return best;
    }

    private readonly record struct Claim(string Key, uint Version);
}

using Dataplane.Net;

namespace Dataplane.Bgp.Transport;

/// <summary>Who may connect, and how: a peer, or a range of them.</summary>
/// <param name="Peers">The addresses.</param>
/// <param name="Password">The TCP-MD5 key; null: none.</param>
/// <param name="Hops">TTL or hop limit.</param>
public sealed record AcceptRule(IpPrefix Peers, string? Password, HopPolicy Hops)
{
    /// <summary>Written without the secret.</summary>
    public override string ToString() => $"{Peers}{(Password is null ? "" : " with a secret")}{(Hops.Minimum > 0 ? $" from {Hops.Minimum} hops left" : "")}";
}

/// <summary>Who may connect to a listener. Immutable; the longest prefix that holds an address decides.</summary>
public sealed class AcceptList
{
    private readonly AcceptRule[] _byLength;

    /// <summary>A list of rules; of rules for the same prefix the first counts.</summary>
    public AcceptList(IEnumerable<AcceptRule> rules)
    {
        _byLength = [.. rules.DistinctBy(rule => rule.Peers).OrderByDescending(rule => rule.Peers.Length)];
    }

    /// <summary>Nobody.</summary>
    public static AcceptList Nobody { get; } = new([]);

    /// <summary>The rules, longest prefixes first.</summary>
    public IReadOnlyList<AcceptRule> Rules => _byLength;

    /// <summary>The rule for an address; null: it may not connect.</summary>
    public AcceptRule? Find(IpAddress address) =>
        Array.Find(_byLength, rule => rule.Peers.Family == address.Family && rule.Peers.Contains(address));
}

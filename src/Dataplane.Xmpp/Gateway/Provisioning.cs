using Dataplane.Net;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What is provisioned for all end-systems (SIG-11). Does not change; another one takes its place.</summary>
public sealed class Provisioning
{
    private readonly EndSystemGrant[] _grants;

    /// <summary>Provisioning of these.</summary>
    public Provisioning(IEnumerable<EndSystemGrant> grants)
    {
        // What is more specific is found first; among equals, what was given first.
        _grants = [.. grants.OrderBy(static grant => grant.Pattern.Contains('*')).ThenByDescending(static grant => grant.Pattern.Replace("*", "", StringComparison.Ordinal).Length)];
    }

    /// <summary>Nothing for nobody.</summary>
    public static Provisioning Empty { get; } = new([]);

    /// <summary>The grants, the more specific ones first.</summary>
    public IReadOnlyList<EndSystemGrant> Grants => _grants;

    /// <summary>What an end-system may do: everything of all grants that name it; where they differ, the more specific one counts.</summary>
    public EndSystemAccess AccessOf(Jid jid) => new([.. _grants.Where(grant => Names(grant.Pattern, jid))]);

    /// <summary>Whether a VPN of this name is provisioned for anybody.</summary>
    public bool Knows(string vpn)
    {
        foreach (EndSystemGrant grant in _grants)
        {
            foreach (VpnGrant granted in grant.Vpns)
            {
                if (granted.Vpn != "*" && NamePattern.Matches(granted.Vpn, vpn, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // A pattern with a dot and no @ is a domain, so that nobody is taken for it by a local part of that text.
    private static bool Names(string pattern, Jid jid) =>
        pattern.Contains('@', StringComparison.Ordinal) ? Matches(pattern, jid.Bare.ToString())
        : jid.Local is not { } local ? Matches(pattern, jid.Domain)
        : !pattern.Contains('.', StringComparison.Ordinal) && Matches(pattern, local);

    private static bool Matches(string pattern, string name) => NamePattern.Matches(pattern, name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What one end-system may do.</summary>
public sealed class EndSystemAccess
{
    private readonly EndSystemGrant[] _grants;

    internal EndSystemAccess(EndSystemGrant[] grants)
    {
        _grants = grants;
        Infrastructure = [.. grants.SelectMany(static grant => grant.Infrastructure).Distinct()];
        HostId = grants.Select(static grant => grant.HostId).FirstOrDefault(static id => id is not null);
        Profile = grants.Select(static grant => grant.Profile).FirstOrDefault(static profile => profile is not null);
        Instances = grants.SelectMany(static grant => grant.Vpns).Select(static vpn => vpn.Instance).OfType<ushort>().ToHashSet();
    }

    /// <summary>Whether it is named, and not only by a pattern.</summary>
    public bool IsNamed => _grants.Length != 0 && !_grants[0].Pattern.Contains('*', StringComparison.Ordinal);

    /// <summary>Its infrastructure addresses.</summary>
    public IReadOnlyList<IpAddress> Infrastructure { get; }

    /// <summary>Its host id.</summary>
    public Ipv4Address? HostId { get; }

    /// <summary>Its profile.</summary>
    public WireProfile? Profile { get; }

    /// <summary>The instance ids that are provisioned for any of its VPNs.</summary>
    public IReadOnlySet<ushort> Instances { get; }

    /// <summary>What it may do in a VPN; null is nothing at all.</summary>
    public VpnGrant? Find(string vpn)
    {
        foreach (EndSystemGrant grant in _grants)
        {
            foreach (VpnGrant granted in grant.Vpns)
            {
                if (NamePattern.Matches(granted.Vpn, vpn, StringComparison.Ordinal))
                {
                    return granted;
                }
            }
        }

        return null;
    }
}

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>
/// Interfaces behind external forwarders: which VLAN belongs to which VPN is told with the subscription, addresses without next hop and label, as the
/// forwarder has its own (AGT-05, AMB-17). The VLAN of an address is named only where a VPN has several here (AMB-18).
/// </summary>
/// <param name="uplink">The external forwarders.</param>
public sealed class RemoteInterfaces(IUplink uplink) : IInterfaceBinding
{
    private readonly Dictionary<string, BoundInterface> _interfaces = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Set(BoundInterface wanted, Action<string?> done)
    {
        if (wanted.Vlan is null)
        {
            throw new ArgumentException("an interface behind an external forwarder has a VLAN", nameof(wanted));
        }

        BoundInterface? before = _interfaces.GetValueOrDefault(wanted.Key);
        var isElsewhere = before is not null && MembershipOf(before) != MembershipOf(wanted);
        _interfaces[wanted.Key] = wanted;

        // The membership first: an address without one is refused (AMB-18).
        uplink.Join(MembershipOf(wanted));
        foreach (BoundAddress address in before?.Addresses ?? [])
        {
            if (!wanted.Addresses.Any(kept => kept.Leaf == address.Leaf))
            {
                uplink.Withdraw(address.Leaf);
            }
        }

        Publish(wanted.Vpn);
        if (isElsewhere)
        {
            uplink.Leave(MembershipOf(before!));
            Publish(before!.Vpn);
        }

        done(null);
    }

    /// <inheritdoc/>
    public void Remove(string key, bool isMoved)
    {
        if (_interfaces.Remove(key, out BoundInterface? removed))
        {
            foreach (BoundAddress address in removed.Addresses)
            {
                uplink.Withdraw(address.Leaf);
            }

            uplink.Leave(MembershipOf(removed));
            Publish(removed.Vpn);
        }
    }

    /// <inheritdoc/>
    public string? StateOf(string key, BoundAddress address) => null;

    private static Membership MembershipOf(BoundInterface bound) => new(bound.Vpn, bound.Vlan);

    private void Publish(string vpn)
    {
        BoundInterface[] members = [.. _interfaces.Values.Where(bound => bound.Vpn == vpn)];
        foreach (BoundInterface bound in members)
        {
            foreach (BoundAddress address in bound.Addresses)
            {
                uplink.Publish(new()
                {
                    Leaf = address.Leaf,
                    Vpn = vpn,
                    Prefix = address.Prefix,
                    Version = address.Version,
                    Vlan = members.Length > 1 ? bound.Vlan : null,
                });
            }
        }
    }
}

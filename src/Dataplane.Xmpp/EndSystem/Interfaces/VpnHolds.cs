using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>Which VPNs are in use, by interfaces and by repairs: while one is, it has a VRF with a label and its routes are subscribed to. Routing loop.</summary>
internal sealed class VpnHolds(IInterfaceForwarder forwarder, LabelAllocator labels, Func<string, Label20?> configuredLabel)
{
    private readonly Dictionary<string, Hold> _holds = new(StringComparer.Ordinal);

    /// <summary>Where memberships go.</summary>
    public required Func<IUplink> Uplink { get; init; }

    /// <summary>The label of a VPN in use.</summary>
    public Label20 LabelOf(string vpn) => _holds[vpn].Label;

    /// <summary>Uses a VPN.</summary>
    /// <returns>Null, or why it cannot be used.</returns>
    public string? Take(string vpn)
    {
        if (_holds.TryGetValue(vpn, out Hold? hold))
        {
            hold.Uses++;
            return null;
        }

        var owner = LabelAllocator.OfVrf(vpn);
        if (configuredLabel(vpn) is { } configured)
        {
            if (!labels.TryTake(owner, configured))
            {
                return $"label {configured} of VPN {vpn} is in use";
            }

            hold = new(configured);
        }
        else if (labels.TryTake(owner, out Label20 assigned))
        {
            hold = new(assigned);
        }
        else
        {
            return "no label is left";
        }

        _holds.Add(vpn, hold);
        forwarder.AddVpn(vpn, hold.Label);
        Uplink().Join(new(vpn));
        return null;
    }

    /// <summary>Ends a use.</summary>
    public void Release(string vpn)
    {
        Hold hold = _holds[vpn];
        if (--hold.Uses == 0)
        {
            // Its routes go with the membership, before the VRF.
            Uplink().Leave(new(vpn));
            _ = _holds.Remove(vpn);
            forwarder.RemoveVpn(vpn);
            _ = labels.Release(LabelAllocator.OfVrf(vpn));
        }
    }

    private sealed class Hold(Label20 label)
    {
        public Label20 Label { get; } = label;

        public int Uses { get; set; } = 1;
    }
}

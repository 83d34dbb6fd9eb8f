using Dataplane.Net;

namespace Dataplane.Xmpp.PubSub;

/// <summary>
/// Writes entries. <see cref="WireProfile.Esv05"/>: the flat form for a next hop or none, the list for several and where an encapsulation other than
/// the default has to be told (AMB-23, AMB-43).
/// </summary>
public static class EntryWriter
{
    /// <summary>Writes an entry.</summary>
    public static void Write(StanzaText text, WireProfile profile, VpnEntry entry)
    {
        if (profile == WireProfile.EndSystem06)
        {
            Write06(text, entry);
        }
        else
        {
            Write05(text, entry);
        }
    }

    private static void Write05(StanzaText text, VpnEntry entry)
    {
        text.Raw("<entry xmlns='http://ietf.org/protocol/bgpvpn'><nlri af='"u8).Number(Af(entry.Prefix.Family)).Raw("'>"u8).Prefix(entry.Prefix).Raw("</nlri>"u8);
        var isFlat = entry.NextHops.Count == 0 || (entry.NextHops.Count == 1 && entry.NextHops[0].Encapsulations == TunnelEncapsulations.None);
        if (!isFlat)
        {
            WriteList(text, entry.NextHops);
        }
        else if (entry.NextHops.Count == 1)
        {
            IpAddress address = entry.NextHops[0].Address;
            text.Raw("<next-hop af='"u8).Number(Af(address.Family)).Raw("'>"u8).Address(address).Raw("</next-hop>"u8);
        }

        text.Raw("<version id='"u8).Number(entry.Version).Raw("'/>"u8);
        if (isFlat && entry.NextHops.Count == 1 && entry.NextHops[0].Label is { } label)
        {
            text.Raw("<label>"u8).Number(label.Value).Raw("</label>"u8);
        }

        WriteVlan(text, entry);
        text.Raw("</entry>"u8);
    }

    private static void Write06(StanzaText text, VpnEntry entry)
    {
        text.Raw("<entry xmlns='urn:ietf:params:xml:ns:bgp:l3vpn:unicast'><nlri><af>"u8).Number(Af(entry.Prefix.Family))
            .Raw("</af><safi>1</safi><address>"u8).Prefix(entry.Prefix).Raw("</address></nlri>"u8);
        WriteList(text, entry.NextHops);
        text.Raw("<sequence-number>"u8).Number(entry.Version).Raw("</sequence-number>"u8);
        if (entry.LocalPreference is { } preference)
        {
            text.Raw("<local-preference>"u8).Number(preference).Raw("</local-preference>"u8);
        }

        WriteVlan(text, entry);
        text.Raw("</entry>"u8);
    }

    private static void WriteList(StanzaText text, IReadOnlyList<EntryNextHop> nextHops)
    {
        text.Raw("<next-hops>"u8);
        for (var i = 0; i < nextHops.Count; i++)
        {
            EntryNextHop nextHop = nextHops[i];
            text.Raw("<next-hop><af>"u8).Number(Af(nextHop.Address.Family)).Raw("</af><address>"u8).Address(nextHop.Address).Raw("</address>"u8);
            if (nextHop.Label is { } label)
            {
                text.Raw("<label>"u8).Number(label.Value).Raw("</label>"u8);
            }

            if (nextHop.Encapsulations != TunnelEncapsulations.None)
            {
                text.Raw("<tunnel-encapsulation-list>"u8);
                foreach (var name in TunnelEncapsulationNames.NamesOf(nextHop.Encapsulations))
                {
                    text.Raw("<tunnel-encapsulation>"u8).Text(name).Raw("</tunnel-encapsulation>"u8);
                }

                text.Raw("</tunnel-encapsulation-list>"u8);
            }

            text.Raw("</next-hop>"u8);
        }

        text.Raw("</next-hops>"u8);
    }

    private static void WriteVlan(StanzaText text, VpnEntry entry)
    {
        if (entry.Vlan is { } vlan)
        {
            text.Raw("<vlan xmlns='urn:dataplane:bgpvpn:0'>"u8).Number(vlan).Raw("</vlan>"u8);
        }
    }

    private static uint Af(AddressFamily family) => family == AddressFamily.Ipv6 ? 2u : 1;
}

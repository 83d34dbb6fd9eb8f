using System.Globalization;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Xmpp.PubSub;

/// <summary>
/// Writes flow specifications as entries (AMB-35), in both profiles alike: components in the order of RFC 8955, comparisons as lists of operators, actions
/// in the words of <see cref="FlowSpecAction"/>. A redirect names the VPN that it leads to, for a forwarder knows no route targets.
/// <code>
///  &lt;entry xmlns='http://ietf.org/protocol/bgpvpn/ip4-flow-spec'>
///    &lt;match>
///      &lt;dst>10.40.0.0/24&lt;/dst>                                        an IPv6 prefix may have an offset='…'
///      &lt;dport>&lt;term op='='>80&lt;/term>&lt;term op='>='>1024&lt;/term>&lt;term op='&lt;=' and='true'>2047&lt;/term>&lt;/dport>
///      &lt;fragment>&lt;term op='!'>2&lt;/term>&lt;/fragment>                     bits as a number; op empty, '=', '!' or '!='
///    &lt;/match>
///    &lt;actions>&lt;action>discard&lt;/action>&lt;/actions>
///    &lt;redirect>red&lt;/redirect>
///  &lt;/entry>
/// </code>
/// </summary>
public static class FilterEntryWriter
{
    /// <summary>Names of components, by type.</summary>
    internal static readonly string[] Names =
        ["", "dst", "src", "proto", "port", "dport", "sport", "icmp-type", "icmp-code", "tcp-flags", "length", "dscp", "fragment", "flow-label"];

    /// <summary>Operators of numbers, by the bits of the operator octet.</summary>
    internal static readonly string[] Comparisons = ["false", "=", ">", ">=", "<", "<=", "!=", "true"];

    /// <summary>Operators of bit masks.</summary>
    internal static readonly string[] Masks = ["", "=", "!", "!="];

    /// <summary>Whether a component's values are bit masks.</summary>
    internal static bool IsMask(FlowSpecComponentType type) => type is FlowSpecComponentType.TcpFlags or FlowSpecComponentType.Fragment;

    /// <summary>Writes an entry.</summary>
    public static void Write(StanzaText text, VrfFilter filter)
    {
        text.Raw("<entry xmlns='"u8).Text(FlowSpecNode.NamespaceOf(filter.Family).NamespaceName).Raw("'><match>"u8);
        foreach (FlowSpecComponent component in filter.Rule.Components)
        {
            text.Raw("<"u8).Text(Names[(int)component.Type]);
            if (component is FlowSpecPrefix prefix)
            {
                if (prefix.Offset != 0)
                {
                    text.Raw(" offset='"u8).Number(prefix.Offset).Raw("'"u8);
                }

                text.Raw(">"u8).Address(prefix.Address).Raw("/"u8).Number(prefix.Length);
            }
            else
            {
                text.Raw(">"u8);
                foreach (FlowSpecTerm term in ((FlowSpecMatch)component).Terms)
                {
                    text.Raw("<term op='"u8).Text((IsMask(component.Type) ? Masks : Comparisons)[term.Operator]).Raw("'"u8);
                    text.Raw(term.And ? " and='true'>"u8 : ">"u8).Text(term.Value.ToString(CultureInfo.InvariantCulture)).Raw("</term>"u8);
                }
            }

            text.Raw("</"u8).Text(Names[(int)component.Type]).Raw(">"u8);
        }

        text.Raw("</match><actions>"u8);
        foreach (FlowSpecAction action in filter.Actions)
        {
            text.Raw("<action>"u8).Text(action.ToString()).Raw("</action>"u8);
        }

        text.Raw("</actions>"u8);
        if (filter.RedirectVrf is { } vpn)
        {
            text.Raw("<redirect>"u8).Text(vpn).Raw("</redirect>"u8);
        }

        text.Raw("</entry>"u8);
    }
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Elections on access ports (EXT-10): where they may be, and what they need.</summary>
internal static class VrrpRules
{
    /// <summary>Checks all ports.</summary>
    public static void Check(RuleContext context)
    {
        foreach (var port in context.Configuration.Ports)
        {
            if (port.Vrrp is not { } vrrp || !context.Source.IsSound(port, PortKeys.Role))
            {
                continue;
            }

            if (port.Role != PortRole.Access)
            {
                context.Error(port, PortKeys.Vrrp, $"port '{port.Name}' has no 'vrrp'; forwarders are elected on access ports only, for the hosts behind them");
                continue;
            }

            CheckAddresses(context, port, vrrp);
            CheckMacs(context, vrrp);
        }
    }

    private static void CheckAddresses(RuleContext context, PortConfiguration port, VrrpConfiguration vrrp)
    {
        if (vrrp.Address is null && vrrp.Address6 is null && context.Source.IsSound(vrrp, VrrpKeys.Address, VrrpKeys.Address6))
        {
            context.Error(port, PortKeys.Vrrp,
                "'vrrp' needs 'address', our own IPv4 address on the link, or 'address6', a link-local IPv6 one, or both; advertisements are sent from it");
        }

        RequireLinkLocal(context, vrrp, VrrpKeys.Address6, vrrp.Address6);
        RequireLinkLocal(context, vrrp, VrrpKeys.VirtualAddress6, vrrp.VirtualAddress6);
        var firstHop = context.Configuration.FirstHop;
        RequireDifferent(context, vrrp, VrrpKeys.Address, vrrp.Address, vrrp.VirtualAddress ?? firstHop.Address);
        RequireDifferent(context, vrrp, VrrpKeys.Address6, vrrp.Address6, vrrp.VirtualAddress6 ?? firstHop.Address6);
    }

    private static void RequireLinkLocal(RuleContext context, VrrpConfiguration vrrp, Values.ConfigurationKey key, Ipv6Address? address)
    {
        if (address is { } own && !own.IsLinkLocal)
        {
            context.Error(vrrp, key, $"{own} is not a link-local address; VRRP for IPv6 uses one, such as fe80::2 (RFC 9568 §5.1.2.1)");
        }
    }

    private static void RequireDifferent(RuleContext context, VrrpConfiguration vrrp, Values.ConfigurationKey key, IpAddress? own, IpAddress virtualAddress)
    {
        if (own == virtualAddress && vrrp.Priority != SlowPath.VrrpSettings.OwnerPriority)
        {
            context.Error(vrrp, key, $"{own} is the virtual router's address; each forwarder needs one of its own here, unless it owns the virtual one with 'priority: 255'");
        }
    }

    private static void CheckMacs(RuleContext context, VrrpConfiguration vrrp)
    {
        const ulong FirstRouter = 0x0000_5E00_0100;
        const ulong FirstRouter6 = 0x0000_5E00_0200;
        if (!context.Source.IsSound(vrrp, VrrpKeys.VirtualRouterId))
        {
            return;
        }

        var id = (uint)vrrp.VirtualRouterId;
        var firstHop = context.Configuration.FirstHop;
        if ((vrrp.Address is not null && firstHop.Mac.Value != (FirstRouter | id)) || (vrrp.Address6 is not null && firstHop.Mac6.Value != (FirstRouter6 | id)))
        {
            context.Warning(vrrp, VrrpKeys.VirtualRouterId,
                $"advertisements of virtual router {id} are not sent from the MAC address of 'first-hop' that guests use; bridges will learn where the master is "
                + "from other frames only");
        }
    }
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>What the XMPP side of a gateway needs, and whether what is provisioned leads anywhere.</summary>
internal static class XmppRules
{
    /// <summary>Checks <c>xmpp</c> and <c>end-systems</c>.</summary>
    public static void Check(RuleContext context)
    {
        DataplaneConfiguration configuration = context.Configuration;
        if (configuration.Xmpp is { } xmpp)
        {
            CheckCertificates(context, xmpp);
            if (xmpp.AllowPlaintext)
            {
                context.Warning(xmpp, XmppKeys.AllowPlaintext, "clients may come without TLS: they are whom they say, nothing is proved; for a laboratory only");
            }
        }
        else if (configuration.EndSystems.Count != 0 && configuration.IsGateway)
        {
            context.Warning(configuration, EndSystemKeys.All, "'end-systems' are provisioned, but there is no 'xmpp' to serve them");
        }

        context.RequireUniqueNames(configuration.EndSystems, EndSystemKeys.Name, static grant => grant.Pattern, "end-system");
        var vrfs = configuration.Vrfs.Select(static vrf => vrf.Name).ToHashSet(StringComparer.Ordinal);
        foreach (EndSystemGrant grant in configuration.EndSystems)
        {
            CheckInstances(context, grant);
            foreach (VpnGrant vpn in grant.Vpns.Where(static vpn => vpn.Vrf is not null || !vpn.Vpn.Contains('*', StringComparison.Ordinal)))
            {
                if (context.Source.IsSound(vpn, EndSystemKeys.Vpn, EndSystemKeys.Vrf) && !vrfs.Contains(vpn.Vrf ?? vpn.Vpn))
                {
                    context.Error(vpn, vpn.Vrf is null ? EndSystemKeys.Vpn : (ConfigurationKey)EndSystemKeys.Vrf,
                        $"there is no VRF '{vpn.Vrf ?? vpn.Vpn}'; {RuleContext.Known("VRFs", vrfs)}");
                }
            }
        }
    }

    // Two VPNs of a host with one instance id would have one distinguisher.
    private static void CheckInstances(RuleContext context, EndSystemGrant grant)
    {
        var owners = new Dictionary<ushort, string>();
        foreach (VpnGrant vpn in grant.Vpns)
        {
            if (vpn.Instance is not { } instance || !context.Source.IsSound(vpn, EndSystemKeys.Instance, EndSystemKeys.Vpn))
            {
                continue;
            }

            if (vpn.Vrf is null && vpn.Vpn.Contains('*', StringComparison.Ordinal))
            {
                context.Error(vpn, EndSystemKeys.Instance, $"instance {instance} would be that of every VPN that '{vpn.Vpn}' stands for; name the VPN, or leave 'instance' out");
            }
            else if (!owners.TryAdd(instance, vpn.Vpn))
            {
                context.Error(vpn, EndSystemKeys.Instance, $"instance {instance} is already that of VPN '{owners[instance]}'; each VPN of an end-system needs its own");
            }
        }
    }

    private static void CheckCertificates(RuleContext context, XmppConfiguration xmpp)
    {
        if (xmpp.AllowPlaintext && xmpp is { Certificate: null, Key: null, Authorities: null })
        {
            return;
        }

        CheckFile(xmpp.Certificate, XmppKeys.Certificate);
        CheckFile(xmpp.Key, XmppKeys.Key);
        CheckFile(xmpp.Authorities, XmppKeys.Authorities);

        void CheckFile(string? path, ConfigurationKey key)
        {
            if (path is null && context.Source.IsSound(xmpp, key))
            {
                context.Error(context.Source.At(xmpp), $"'xmpp' needs the key '{key.Name}', since clients and we prove to each other who we are");
            }
            else if (path is not null && context.Purpose == ConfigurationPurpose.Run && !File.Exists(context.PathOf(path)))
            {
                context.Error(xmpp, key, $"there is no file {context.PathOf(path)}");
            }
        }
    }
}

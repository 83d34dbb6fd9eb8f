using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Tenants' address blocks apart from the infrastructure's (SEC-10). A warning only: the two never meet in forwarding.</summary>
internal static class SeparationRules
{
    /// <summary>Warns when a tenant's prefix overlaps the network of a core port. Default routes overlap everything and mean nothing.</summary>
    public static void WarnIfInfrastructure(RuleContext context, SourceLocation location, IpPrefix prefix)
    {
        if (prefix.Length == 0 || prefix.Address.IsLinkLocal)
        {
            return;
        }

        foreach (var port in context.CorePorts)
        {
            foreach (var address in port.Addresses)
            {
                if (address.Subnet.Contains(prefix) || prefix.Contains(address.Subnet))
                {
                    context.Warning(location,
                        $"{prefix} overlaps the infrastructure network {address.Subnet} of port '{port.Name}'; keep tenants' address blocks outside of it (SEC-10)");
                    return;
                }
            }
        }
    }
}

using Dataplane.Host.Configuration.Keys;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>The client side of signaling against the roles, and the hosts against the ports.</summary>
internal static class SignalingRules
{
    /// <summary>Checks <c>signaling</c> and <c>agent</c>.</summary>
    public static void Check(RuleContext context)
    {
        DataplaneConfiguration configuration = context.Configuration;
        if (configuration.IsAgent && !context.Source.IsGiven(configuration, RootKeys.StateDirectory))
        {
            context.Error(context.Source.At(configuration), "the role agent needs the key 'state-directory': versions of workloads have to outlive a restart");
        }

        if (configuration.Agent is { } agent && agent.FirstVlan > agent.LastVlan)
        {
            context.Error(agent, SignalingKeys.FirstVlan, $"'first-vlan' is {agent.FirstVlan} and 'last-vlan' {agent.LastVlan}; the first is not the greater");
        }

        if (configuration.Signaling is not { } signaling)
        {
            return;
        }

        CheckServers(context, configuration, signaling);
        if (signaling is { AllowPlaintext: false } and not { Certificate: not null, Key: not null, Authorities: not null })
        {
            context.Error(configuration, RootKeys.Signaling, "'signaling' needs 'certificate', 'key' and 'authorities', or 'allow-plaintext: true' in a laboratory");
        }

        if (signaling.Hosts is { } hosts)
        {
            CheckHosts(context, configuration, hosts);
        }
        else if (configuration is { IsForwarder: true, IsAgent: false })
        {
            context.Error(configuration, RootKeys.Signaling, "a forwarder without the role agent has 'signaling' for the hosts behind it; add 'hosts'");
        }
    }

    private static void CheckServers(RuleContext context, DataplaneConfiguration configuration, SignalingConfiguration signaling)
    {
        if (!context.Source.IsSound(signaling, SignalingKeys.Gateways, SignalingKeys.ExternalForwarders))
        {
            return;
        }

        if (signaling.Gateways.Count != 0 && signaling.ExternalForwarders.Count != 0)
        {
            context.Error(signaling, SignalingKeys.ExternalForwarders, "'gateways' and 'external-forwarders' exclude each other: a host has one or the other above it");
        }

        if (configuration.IsForwarder && signaling.ExternalForwarders.Count != 0)
        {
            context.Error(signaling, SignalingKeys.ExternalForwarders, "a forwarder has gateways above it; 'external-forwarders' is for hosts without one");
        }

        if (!configuration.IsForwarder && signaling.Gateways.Count != 0)
        {
            context.Error(signaling, SignalingKeys.Gateways, "a host without the role forwarder has 'external-forwarders' above it");
        }

        if (configuration.IsGateway && signaling.Servers.Count != 0)
        {
            context.Error(configuration, RootKeys.Signaling, "this process is a gateway itself: leave 'gateways' out");
        }
        else if (!configuration.IsGateway && signaling.Servers.Count == 0)
        {
            context.Error(configuration, RootKeys.Signaling, $"'signaling' has nobody to talk with; add '{(configuration.IsForwarder ? "gateways" : "external-forwarders")}'");
        }

        context.RequireUniqueNames(signaling.Servers, SignalingKeys.ServerName, static server => server.Name, "server");
    }

    private static void CheckHosts(RuleContext context, DataplaneConfiguration configuration, HostsConfiguration hosts)
    {
        if (!configuration.IsForwarder)
        {
            context.Error(configuration.Signaling!, SignalingKeys.Hosts, "'hosts' belongs to the role forwarder; add it to 'roles' or remove the key");
            return;
        }

        context.RequireUniqueNames(hosts.Members, HostKeys.SystemId, static member => member.SystemId, "host");
        foreach (TaggedHostConfiguration member in hosts.Members)
        {
            PortConfiguration? port = configuration.Ports.FirstOrDefault(port => port.Name == member.Port);
            if (context.Source.IsSound(member, HostKeys.Port) && context.RolesAreKnown && port?.Role != PortRole.Access)
            {
                context.Error(member, HostKeys.Port, $"there is no access port '{member.Port}'; "
                    + RuleContext.Known("access ports", configuration.Ports.Where(static other => other.Role == PortRole.Access).Select(static other => other.Name)));
            }

            if (member.FramesFrom is null && !member.AnyMac && context.Source.IsSound(member, HostKeys.SystemId, HostKeys.Mac))
            {
                context.Error(member, HostKeys.SystemId, $"'{member.SystemId}' is not 12 hexadecimal digits of an interface's own address: say its 'mac', or 'any-mac: true'");
            }
        }
    }
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>What each role needs, and what belongs to roles that are not played.</summary>
internal static class RoleRules
{
    private static readonly ConfigurationKey[] OfForwarder =
    [
        RootKeys.Eal, RootKeys.Workers, RootKeys.Ports, RootKeys.Underlay, RootKeys.FirstHop, RootKeys.Encapsulation, RootKeys.Tunnels,
        RootKeys.Interfaces,
    ];

    private static readonly ConfigurationKey[] OfGateway =
    [
        RootKeys.Bgp, RootKeys.PrefixSets, RootKeys.CommunitySets, RootKeys.AsPathSets, RootKeys.Policies, RootKeys.Bmp, RootKeys.Mrt,
        RootKeys.Xmpp, EndSystemKeys.All,
    ];

    // Of roles that are managed and keep something.
    private static readonly ConfigurationKey[] OfManaged = [RootKeys.Management, RootKeys.StateDirectory];

    private static readonly ConfigurationKey[] OfAgent = [RootKeys.Agent];

    private static readonly ConfigurationKey[] VrfOfForwarder = [VrfKeys.RouterAddresses, VrfKeys.AcceptFrom];

    private static readonly ConfigurationKey[] VrfOfGateway =
    [
        VrfKeys.Distinguisher, VrfKeys.ImportTargets, VrfKeys.ExportTargets, VrfKeys.ImportPolicy, VrfKeys.ExportPolicy, VrfKeys.Aggregates,
        VrfKeys.MaxPaths, VrfKeys.Membership, VrfKeys.ExportFilters,
    ];

    /// <summary>Checks the file's sections.</summary>
    public static void Check(RuleContext context)
    {
        var configuration = context.Configuration;
        if (!context.Source.IsSound(configuration, RootKeys.Roles))
        {
            return;
        }

        if (configuration.IsForwarder)
        {
            Need(RootKeys.Ports);
            Need(RootKeys.Infrastructure);
        }

        if (configuration.IsGateway)
        {
            Need(RootKeys.Bgp);
        }

        if (configuration.IsAgent)
        {
            Need(RootKeys.Signaling);
        }

        Refuse(configuration.IsAgent, configuration, OfAgent, [], "agent");
        Refuse(configuration.IsAgent || configuration.IsForwarder, configuration, [RootKeys.Signaling], [], "agent or forwarder");
        Refuse(
            configuration.IsAgent || configuration.IsGateway || configuration.Signaling is not null, configuration, OfManaged, [], "gateway or agent");
        Refuse(configuration.IsForwarder || configuration.IsGateway, configuration, [], [VrfKeys.Filters], "forwarder or gateway");
        Refuse(configuration.IsForwarder, configuration, OfForwarder, VrfOfForwarder, "forwarder");
        Refuse(configuration.IsGateway, configuration, OfGateway, VrfOfGateway, "gateway");

        void Need(ConfigurationKey key)
        {
            if (!context.Source.IsGiven(configuration, key))
            {
                context.Error(context.Source.At(configuration), $"a configuration needs the key '{key.Name}', {key.Kind.Noun}");
            }
        }

        void Refuse(bool isPlayed, object root, ConfigurationKey[] sections, ConfigurationKey[] ofVrf, string role)
        {
            if (isPlayed)
            {
                return;
            }

            foreach (var key in sections.Where(key => context.Source.IsGiven(root, key)))
            {
                context.Error(root, key, $"'{key.Name}' belongs to the role {role}; add it to 'roles' or remove the key");
            }

            foreach (var vrf in configuration.Vrfs)
            {
                foreach (var key in ofVrf.Where(key => context.Source.IsGiven(vrf, key)))
                {
                    context.Error(vrf, key, $"'{key.Name}' of a VRF belongs to the role {role}; add it to 'roles' or remove the key");
                }
            }
        }
    }
}

using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Labels we assign: one space for VRFs and interfaces.</summary>
internal static class LabelRules
{
    /// <summary>Checks all labels.</summary>
    public static void Check(RuleContext context)
    {
        var owners = new Dictionary<Label20, string>();
        foreach (var vrf in context.Configuration.Vrfs)
        {
            if (vrf.Label is { } label)
            {
                Claim(label, vrf, VrfKeys.Label, $"VRF '{vrf.Name}'");
            }
        }

        foreach (var item in context.Configuration.Interfaces.Where(i => context.Source.IsSound(i, InterfaceKeys.Label)))
        {
            Claim(item.Label, item, InterfaceKeys.Label, $"interface '{item.Name}'");
        }

        void Claim(Label20 label, object record, ConfigurationKey key, string owner)
        {
            if (!owners.TryAdd(label, $"{owner} (line {context.LineOf(record, key)})"))
            {
                context.Error(record, key, $"label {label} is already that of {owners[label]}; every VRF and interface needs a label of its own");
            }
        }
    }
}

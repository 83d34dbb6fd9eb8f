using Dataplane.Host.Configuration.Yaml;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Host.Configuration.Values;

/// <summary>The kinds of values that filters of VRFs hold; <c>show</c> writes the same texts.</summary>
internal static class FilterValues
{
    /// <summary>What a filter matches.</summary>
    public static ConfigurationValue<FilterMatch> Match { get; } = new TextValue<FilterMatch>(
        "a flow specification such as dst 10.40.0.0/24; proto =6; dport =80 =443",
        static (string text, out FilterMatch value) =>
        {
            _ = FlowSpecRule.TryParse(text, AddressFamily.Ipv4, out FlowSpecRule? ipv4, out string? reason);
            _ = FlowSpecRule.TryParse(text, AddressFamily.Ipv6, out FlowSpecRule? ipv6, out string? other);
            value = new(text, ipv4, ipv6);

            // Of a rule that is neither, the reason is of the family that its prefixes look like.
            return ipv4 is not null || ipv6 is not null ? null
                : $"{YamlScalar.Quote(text)} is not a flow specification: {(text.Contains("::", StringComparison.Ordinal) ? other : reason)}";
        });

    /// <summary>What a filter does.</summary>
    public static ConfigurationValue<FlowSpecAction> Action { get; } = new TextValue<FlowSpecAction>(
        "an action such as discard, rate:125000, rate-packets:100, mark:46, redirect:65000:5, action:continue or action:none",
        static (string text, out FlowSpecAction value) => !FlowSpecAction.TryParse(text, out value)
            ? $"{YamlScalar.Quote(text)} is not an action; write discard, rate:OCTETS or rate-packets:PACKETS per second, mark:DSCP, redirect:ROUTE-TARGET, "
                + "action:sample, action:continue or action:none"
            : value.Kind == FlowSpecActionKind.RedirectToAddress ? $"{YamlScalar.Quote(text)} cannot be carried out here; redirect to the VRF of a route target" : null,
        "^(discard|(rate|rate-packets|mark|redirect|action):.+)$");
}

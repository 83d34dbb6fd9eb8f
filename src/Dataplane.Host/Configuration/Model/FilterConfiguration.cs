using Dataplane.Routing.FlowSpec;

namespace Dataplane.Host.Configuration;

/// <summary>A filter of a VRF: a flow specification that is written down instead of signalled (ARC-08).</summary>
internal sealed record FilterConfiguration
{
    /// <summary>What it matches.</summary>
    public required FilterMatch Match { get; init; }

    /// <summary>What is done with packets that match, at least one.</summary>
    public required IReadOnlyList<FlowSpecAction> Actions { get; init; }
}

/// <summary>What a filter matches, in the families of its prefixes; without prefixes in both.</summary>
/// <param name="Text">As written.</param>
/// <param name="Ipv4">The rule for IPv4 packets; null for none.</param>
/// <param name="Ipv6">The rule for IPv6 packets; null for none.</param>
internal sealed record FilterMatch(string Text, FlowSpecRule? Ipv4, FlowSpecRule? Ipv6)
{
    /// <summary>The rules there are.</summary>
    public IEnumerable<FlowSpecRule> Rules => new[] { Ipv4, Ipv6 }.OfType<FlowSpecRule>();

    /// <summary>As written.</summary>
    public override string ToString() => Text;
}

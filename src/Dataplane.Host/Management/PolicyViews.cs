using Dataplane.Routing.Policy;

namespace Dataplane.Host.Management;

/// <summary><c>/v1/policies</c>: a policy and how often each of its terms applied.</summary>
internal sealed record PolicyView(string Name, IReadOnlyList<PolicyTermView> Terms)
{
    /// <summary>The policies in force. Routing thread.</summary>
    public static IReadOnlyList<PolicyView> Of(GatewayAccess gateway) => gateway.Speaker.Policies is PolicySet set
        ? [.. set.Policies.Select(static policy => new PolicyView(
            policy.Name, [.. policy.Terms.Select(static term => new PolicyTermView(term.Name ?? DefaultTerm, term.Routes))]))]
        : [];

    /// <summary>What the default of a policy is called where its terms are listed: no term has that name.</summary>
    public const string DefaultTerm = "(default)";
}

/// <summary>A term, the policy's default last.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Routes">How often it applied: routes, or sets of attributes where the policy does not look at what a route leads to.</param>
internal sealed record PolicyTermView(string Name, long Routes);

using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Policy;

namespace Dataplane.Bgp.Speaker.Rules;

/// <summary>Stands for a policy that is named and not there: nothing passes.</summary>
internal sealed class RejectingPolicy : IRoutePolicy
{
    private RejectingPolicy()
    {
    }

    public static RejectingPolicy Instance { get; } = new();

    public bool LooksAtNlri => false;

    public PolicyResult Apply(
        AttributeBlock attributes, in Nlri nlri, RouteFamily family, in PolicyContext context, AttributeBlockBuilder result) =>
        PolicyResult.Rejected;
}

using Dataplane.Bgp.Settings;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Vpn;

namespace Dataplane.Bgp.Speaker.Membership;

/// <summary>
/// The route target memberships that this speaker originates (RFC 4684): one route per target that a VRF with members imports (SIG-05, SIG-06),
/// and the default one, which goes only to peers whose settings ask for it. Routing thread.
/// </summary>
public sealed class LocalMemberships : IMembershipListener
{
    private readonly RoutingBase _routes;
    private readonly SourceId _source;
    private readonly HashSet<ExtendedCommunity> _targets = [];
    private AsNumber _as;
    private bool _hasDefault;

    internal LocalMemberships(RoutingBase routes, SpeakerSettings settings)
    {
        _routes = routes;
        _as = settings.As;
        _source = routes.Sources.Add(new() { Kind = SourceKind.Local, RouterId = settings.RouterId, As = settings.As, Name = "memberships" });
    }

    /// <summary>How many targets are wanted.</summary>
    public int Count => _targets.Count;

    private FamilyTable Table => _routes[RouteFamily.RouteTargetConstraint];

    /// <inheritdoc/>
    /// <remarks>Saying it again changes nothing.</remarks>
    public void MembershipChanged(ExtendedCommunity routeTarget, bool wanted)
    {
        if (wanted ? _targets.Add(routeTarget) : _targets.Remove(routeTarget))
        {
            Put(Nlri.Membership(_as, routeTarget), wanted);
        }
    }

    /// <summary>Whether any peer is sent the default membership.</summary>
    internal void SetDefault(bool isWanted)
    {
        if (_hasDefault != isWanted)
        {
            _hasDefault = isWanted;
            Put(default, isWanted);
        }
    }

    /// <summary>Our AS, which is the origin of the memberships, is another one.</summary>
    internal void SetAs(AsNumber number)
    {
        if (number == _as)
        {
            return;
        }

        foreach (ExtendedCommunity target in _targets)
        {
            Put(Nlri.Membership(_as, target), isWanted: false);
            Put(Nlri.Membership(number, target), isWanted: true);
        }

        _as = number;
    }

    private void Put(in Nlri nlri, bool isWanted)
    {
        if (!isWanted)
        {
            _ = Table.Withdraw(nlri, _source, 0);
            return;
        }

        var builder = new AttributeBlockBuilder();
        builder.SetOrigin(0);
        builder.SetAsPath();
        AttributeSetId attributes = _routes.Attributes.Intern(builder.Block);
        _routes.Attributes.Acquire(attributes);
        _ = Table.Announce(nlri, _source, 0, attributes, attributes, 0);
    }
}

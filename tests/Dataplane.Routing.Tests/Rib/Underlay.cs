using Dataplane.Net;
using Dataplane.Routing.Rib;

namespace Dataplane.Routing.Tests.Rib;

/// <summary>An underlay that tests change; what is not in it is reachable at no cost.</summary>
internal sealed class Underlay : INextHopResolver
{
    private readonly Dictionary<IpAddress, NextHopState> _states = [];

    public void Set(string nextHop, bool isReachable, uint metric = 0) => _states[IpAddress.Parse(nextHop)] = new(isReachable, metric);

    public NextHopState Resolve(IpAddress nextHop) => _states.GetValueOrDefault(nextHop, new(true, 0));
}

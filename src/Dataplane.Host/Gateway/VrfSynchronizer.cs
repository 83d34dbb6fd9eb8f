using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;
using Dataplane.Routing.Vpn;

namespace Dataplane.Host.Gateway;

/// <summary>
/// Makes the VRFs of the routing base what a configuration says, by the differences only: what has not changed is not touched, so that no
/// route moves without need. Routing thread.
/// </summary>
/// <param name="vrfs">The VRFs.</param>
/// <param name="follower">Told of those that come and go; null when nobody asks.</param>
internal sealed class VrfSynchronizer(VrfTable vrfs, IVrfFollower? follower)
{
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);

    /// <summary>Told of a VRF that is no more; its routes leave it afterwards, before another one can have its row.</summary>
    public Action<VrfIndex>? Removed { get; set; }

    /// <summary>Applies a configuration.</summary>
    /// <exception cref="GatewayException">A VRF cannot be had as it is configured; those before it are.</exception>
    public void Apply(DataplaneConfiguration configuration, PolicySet policies)
    {
        HashSet<string> wanted = [.. configuration.Vrfs.Select(static vrf => vrf.Name)];
        foreach (string name in _states.Keys.Where(name => !wanted.Contains(name)).ToArray())
        {
            VrfIndex index = _states[name].Index;
            vrfs.BeginRemove(index, () => follower?.VrfRemoved(index));
            Removed?.Invoke(index);
            _ = _states.Remove(name);
        }
        foreach (VrfConfiguration vrf in configuration.Vrfs)
        {
            try
            {
                Apply(configuration, vrf, VrfReader.Settings(vrf, policies));
            }
            catch (Exception problem) when (problem is ArgumentException or InvalidOperationException)
            {
                throw new GatewayException($"VRF {vrf.Name} cannot be set up: {problem.Message}", problem);
            }
        }
    }

    private void Apply(DataplaneConfiguration configuration, VrfConfiguration vrf, VrfSettings settings)
    {
        if (!_states.TryGetValue(vrf.Name, out State? state))
        {
            state = new State(vrfs.Add(settings));
            _states.Add(vrf.Name, state);
            follower?.VrfAdded(state.Index, vrf.Name);
        }
        else
        {
            vrfs.Update(state.Index, settings);
        }
        ApplyMembers(state, configuration.Interfaces.Count(item => item.Vrf == vrf.Name));
        ApplyLocals(state, VrfReader.Locals(configuration, vrf));
        vrfs.SetFilters(state.Index, VrfReader.Filters(vrf));
    }

    private void ApplyMembers(State state, int members)
    {
        for (; state.Members < members; state.Members++)
            vrfs.AddMember(state.Index);
        for (; state.Members > members; state.Members--)
            vrfs.RemoveMember(state.Index);
    }

    private void ApplyLocals(State state, Dictionary<(IpPrefix Prefix, PublisherId Publisher), VrfLocalRoute> wanted)
    {
        foreach (var (prefix, publisher) in state.Locals.Keys.Where(key => !wanted.ContainsKey(key)).ToArray())
            _ = vrfs.RemoveLocal(state.Index, prefix, publisher);
        foreach (var (key, route) in wanted)
        {
            if (!state.Locals.TryGetValue(key, out VrfLocalRoute before) || before != route)
                vrfs.SetLocal(state.Index, route);
        }
        state.Locals = wanted;
    }

    private sealed class State(VrfIndex index)
    {
        public VrfIndex Index { get; } = index;

        public int Members { get; set; }

        public Dictionary<(IpPrefix Prefix, PublisherId Publisher), VrfLocalRoute> Locals { get; set; } = [];
    }
}

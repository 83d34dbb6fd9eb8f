using System.Runtime.InteropServices;
using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// The route targets that VRFs with members import, counted by VRF (AMB-30): a target is wanted from the first such VRF to the last.
/// Routing thread.
/// </summary>
public sealed class TargetMembership
{
    private readonly Dictionary<ExtendedCommunity, int> _holders = [];
    private readonly List<IMembershipListener> _listeners = [];

    /// <summary>How many targets are wanted.</summary>
    public int Count => _holders.Count;

    /// <summary>The targets that are wanted, in no order; not while they change.</summary>
    public IReadOnlyCollection<ExtendedCommunity> Targets => _holders.Keys;

    /// <summary>Whether a target is wanted.</summary>
    public bool Contains(ExtendedCommunity routeTarget) => _holders.ContainsKey(routeTarget);

    /// <summary>How many VRFs with members import a target.</summary>
    public int CountOf(ExtendedCommunity routeTarget) => _holders.GetValueOrDefault(routeTarget);

    /// <summary>From now on tells a listener, first of every target that is wanted already.</summary>
    public void Listen(IMembershipListener listener)
    {
        _listeners.Add(listener);
        foreach (ExtendedCommunity routeTarget in _holders.Keys)
        {
            listener.MembershipChanged(routeTarget, wanted: true);
        }
    }

    /// <summary>A VRF with members imports these; each once.</summary>
    internal void Acquire(ReadOnlySpan<ExtendedCommunity> routeTargets)
    {
        foreach (ExtendedCommunity routeTarget in routeTargets)
        {
            ref var holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, routeTarget, out _);
            if (++holders == 1)
            {
                Tell(routeTarget, wanted: true);
            }
        }
    }

    /// <summary>Undoes <see cref="Acquire"/>.</summary>
    internal void Release(ReadOnlySpan<ExtendedCommunity> routeTargets)
    {
        foreach (ExtendedCommunity routeTarget in routeTargets)
        {
            ref var holders = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, routeTarget);
            if (--holders == 0)
            {
                _holders.Remove(routeTarget);
                Tell(routeTarget, wanted: false);
            }
        }
    }

    private void Tell(ExtendedCommunity routeTarget, bool wanted)
    {
        foreach (IMembershipListener listener in _listeners)
        {
            listener.MembershipChanged(routeTarget, wanted);
        }
    }
}

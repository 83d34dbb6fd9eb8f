using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Interfaces that change in place.</content>
public sealed unsafe partial class Datapath
{
    private readonly Dictionary<Label20, InterfaceId> _lookedUp = [];

    /// <summary>Whether <see cref="ChangeInterface"/> can make one of the other: what frames are told apart by, and the VRF, are the same.</summary>
    public static bool IsChangeable(InterfaceSettings from, InterfaceSettings to) =>
        (from.Port, from.Vrf, from.OuterVlan, from.InnerVlan, from.Mac) == (to.Port, to.Vrf, to.OuterVlan, to.InnerVlan, to.Mac);

    /// <summary>
    /// Changes addresses, label, MTU and class of an interface while packets go on: it keeps its row, its counters, and its neighbours as far as the
    /// addresses are still its own. Groups that it is a member of are not changed. Workers may run.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such interface, it would be another, or it contradicts one that exists; nothing was changed.</exception>
    public void ChangeInterface(InterfaceId id, InterfaceSettings settings)
    {
        InterfaceState state = InterfaceOf(id);
        InterfaceSettings before = state.Settings;
        if (!IsChangeable(before, settings))
            throw new ArgumentException("an interface keeps its port, tags, MAC and VRF");
        if (settings.Label is { } wanted && wanted != before.Label)
            CheckFree(wanted);
        CheckPrefixes(settings, id);

        // What it gains first, so that nothing that stays is without an entry for a moment.
        state.Settings = settings;
        InterfaceRow* old = _root->Interfaces[id.Row];
        Volatile.Write(ref *(nint*)(_root->Interfaces + id.Row), (nint)BuildRow(settings, id));
        (PortId, uint) tag = (settings.Port, settings.OuterVlan ?? 0u);
        PublishTag(tag, _interfacesByTag[tag]);
        if (settings.Label is { } label)
            Volatile.Write(ref _root->Labels[label.Value], LabelOf(settings, id).Bits);
        HashSet<IpPrefix> lost = [.. before.Addresses];
        foreach (IpPrefix prefix in settings.Addresses)
        {
            if (!lost.Remove(prefix))
                SetLocalRoute(settings.Vrf, prefix, id);
            else if (before.Label != settings.Label)
                Install(settings.Vrf, prefix);
        }
        foreach (IpPrefix prefix in lost)
            RemoveLocalRoute(settings.Vrf, prefix);
        NoteLookedUp(before, settings, id);
        if (before.Label is { } unused && unused != settings.Label)
        {
            Volatile.Write(ref _root->Labels[unused.Value], 0);
            LabelChanged(unused, settings.Vrf);
        }
        if (settings.Label is { } own)
            LabelChanged(own, settings.Vrf);
        if (lost.Count != 0 && state.Neighbors is { } neighbors)
        {
            foreach (IpAddress neighbor in new List<IpAddress>(neighbors))
            {
                if (!Covers(settings.Addresses, neighbor) && Covers(before.Addresses, neighbor))
                    RemoveInterfaceNeighbor(id, neighbor);
            }
        }
        _epochs.Retire(old, _rowMemory, 0);
    }

    private static bool Covers(IReadOnlyList<IpPrefix> prefixes, IpAddress address)
    {
        foreach (IpPrefix prefix in prefixes)
        {
            if (prefix.Contains(address))
                return true;
        }
        return false;
    }

    // Their labels do not lead to them.
    private void NoteLookedUp(InterfaceSettings? before, InterfaceSettings? after, InterfaceId id)
    {
        if (before is { LooksUpLabel: true, Label: { } old })
            _lookedUp.Remove(old);
        if (after is { LooksUpLabel: true, Label: { } @new })
            _lookedUp.Add(@new, id);
    }

    // Packets with the label are delivered at once, or looked up (MOB-05).
    private static LabelEntry LabelOf(InterfaceSettings settings, InterfaceId id) => settings.LooksUpLabel
        ? LabelEntry.ForAggregate(settings.Vrf.Row) : LabelEntry.ForInterface(id.Row, settings.Vrf.Row);
}

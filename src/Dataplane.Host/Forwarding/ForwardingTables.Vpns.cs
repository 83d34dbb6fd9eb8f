using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;
using Dataplane.Net;

namespace Dataplane.Host.Forwarding;

/// <content>VRFs and interfaces that signaling brings, beside those of the configuration. Thread that writes the datapath.</content>
internal sealed partial class ForwardingTables
{
    /// <summary>The VRF of a name; null when there is none.</summary>
    public VrfId? FindVrf(string name) => _rows.Vrfs.TryGetValue(name, out int row) ? new VrfId((uint)row) : null;

    /// <summary>Whether a VRF exists.</summary>
    public bool HasVrf(VrfId id) => _rows.Vrfs.ContainsValue((int)id.Value);

    /// <summary>Adds a VRF.</summary>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    /// <exception cref="ArgumentException">The label is in use.</exception>
    public VrfId AddVrf(string name, Label20 label)
    {
        VrfId id = Datapath.AddVrf(label, []);
        _rows.Vrfs.Add(name, (int)id.Value);
        VrfsChanged();
        return id;
    }

    /// <summary>Removes a VRF with nothing in it, of those that <see cref="AddVrf(string, Label20)"/> added.</summary>
    public void RemoveVrf(string name)
    {
        if (!_rows.Vrfs.Remove(name, out int row))
            return;
        var id = new VrfId((uint)row);
        Filters.Forget(id);
        VrfsChanged();
        Datapath.RemoveVrf(id);
    }

    // Redirects of filters may lead elsewhere.
    private void VrfsChanged()
    {
        VrfNames = _rows.Vrfs.ToDictionary(static row => row.Key, static row => new VrfId((uint)row.Value), StringComparer.Ordinal);
        Filters.VrfsChanged();
        Filters.Apply();
    }

    /// <summary>Adds an interface.</summary>
    /// <param name="row">What it is.</param>
    /// <param name="isLookedUp">Whether packets with its label are looked up in the VRF instead of delivered (MOB-05).</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    /// <exception cref="ArgumentException">It contradicts another interface.</exception>
    public LiveInterface AddInterface(InterfaceConfiguration row, bool isLookedUp)
    {
        InterfaceId id = Datapath.AddInterface(Settings(_rows, row) with { LooksUpLabel = isLookedUp });
        var live = new LiveInterface(id, row, IsSignalled: true);
        _interfaces = [.. _interfaces, live];
        return live;
    }

    /// <summary>Changes an interface in place: addresses and label may be others, what frames are told apart by and the VRF are not.</summary>
    /// <param name="live">From <see cref="AddInterface"/>.</param>
    /// <param name="row">What it is to be.</param>
    /// <param name="isLookedUp">Whether packets with its label are looked up.</param>
    /// <returns>What it is; null when it cannot be changed but only replaced.</returns>
    /// <exception cref="ArgumentException">It contradicts another interface; nothing was changed.</exception>
    public LiveInterface? ChangeInterface(LiveInterface live, InterfaceConfiguration row, bool isLookedUp)
    {
        if (row.Vrf != live.Settings.Vrf || !Change(live, Settings(_rows, row) with { LooksUpLabel = isLookedUp }))
            return null;
        LiveInterface changed = live with { Settings = row };
        _interfaces = [.. _interfaces.Select(other => other == live ? changed : other)];
        Changed?.Invoke(changed);
        return changed;
    }

    /// <summary>Removes an interface.</summary>
    /// <param name="live">From <see cref="AddInterface"/>.</param>
    /// <exception cref="InvalidOperationException">A group uses it.</exception>
    public void RemoveInterface(LiveInterface live)
    {
        Datapath.RemoveInterface(live.Id);
        _interfaces = [.. _interfaces.Where(other => other != live)];
    }
}

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
        return id;
    }

    /// <summary>Removes a VRF with nothing in it, of those that <see cref="AddVrf(string, Label20)"/> added.</summary>
    public void RemoveVrf(string name)
    {
        if (_rows.Vrfs.Remove(name, out int row))
            Datapath.RemoveVrf(new VrfId((uint)row));
    }

    /// <summary>Adds an interface.</summary>
    /// <param name="row">What it is.</param>
    /// <param name="isLookedUp">Whether packets with its label are looked up in the VRF instead of delivered (MOB-05).</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    /// <exception cref="ArgumentException">It contradicts another interface.</exception>
    public LiveInterface AddInterface(InterfaceConfiguration row, bool isLookedUp)
    {
        var vrf = new VrfId((uint)_rows.Vrfs[row.Vrf]);
        InterfaceId id = Datapath.AddInterface(Settings(_rows, row) with { Label = isLookedUp ? null : row.Label });
        var live = new LiveInterface(id, row);
        if (isLookedUp)
        {
            try
            {
                Datapath.LookUpLabel(vrf, row.Label);
            }
            catch
            {
                Datapath.RemoveInterface(id);
                throw;
            }
        }
        _interfaces = [.. _interfaces, live];
        return live;
    }

    /// <summary>Removes an interface.</summary>
    /// <param name="live">From <see cref="AddInterface"/>.</param>
    /// <param name="isLookedUp">As it was added.</param>
    /// <exception cref="InvalidOperationException">A group uses it.</exception>
    public void RemoveInterface(LiveInterface live, bool isLookedUp)
    {
        Datapath.RemoveInterface(live.Id);
        if (isLookedUp)
            Datapath.ForgetLabel(live.Settings.Label);
        _interfaces = [.. _interfaces.Where(other => other != live)];
    }
}

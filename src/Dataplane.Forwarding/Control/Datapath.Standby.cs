using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Access ports that another forwarder may serve in our place (EXT-10).</content>
public sealed unsafe partial class Datapath
{
    /// <summary>
    /// Says for which families another forwarder serves the hosts behind an access port. Frames from them are dropped as
    /// <see cref="DropReason.Standby"/>; what comes for them through tunnels is delivered all the same, with the port's own MAC as source, so that
    /// bridges do not look for the virtual MAC here. Workers may run.
    /// </summary>
    public void SetStandby(PortId port, StandbyFamilies families)
    {
        PortRow* row = _root->Ports + port.Value;
        if (row->Standby == families)
            return;
        row->Standby = families;
        foreach (InterfaceState state in _interfaces)
        {
            if (!state.IsRemoved && state.Settings.Port == port)
                Rebuild(state);
        }
    }

    // A row in the place of another for the same interface.
    private void Rebuild(InterfaceState state)
    {
        InterfaceRow** slot = _root->Interfaces + state.Id.Row;
        InterfaceRow* old = *slot;
        Volatile.Write(ref *(nint*)slot, (nint)BuildRow(state.Settings, state.Id));
        (PortId, uint) tag = (state.Settings.Port, state.Settings.OuterVlan ?? 0u);
        PublishTag(tag, _interfacesByTag[tag]);
        _epochs.Retire(old, _rowMemory, 0);
    }

    private MacAddress SourceMac(PortId port, StandbyFamilies family)
    {
        PortRow* row = _root->Ports + port.Value;
        return (row->Standby & family) != 0 ? WireOrder.ToMac(row->MacWire)
            : family == StandbyFamilies.Ipv4 ? Options.VirtualMac4 : Options.VirtualMac6;
    }
}

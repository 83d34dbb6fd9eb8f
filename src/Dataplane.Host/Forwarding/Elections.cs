using Dataplane.Forwarding;
using Dataplane.Host.Configuration;
using Dataplane.Net;
using Dataplane.SlowPath;

namespace Dataplane.Host.Forwarding;

/// <summary>The elections that a configuration asks for: one per access port with <c>vrrp</c> and family with an address.</summary>
internal static class Elections
{
    /// <summary>Their settings, in the order of the ports, IPv4 first.</summary>
    public static IEnumerable<VrrpSettings> Of(DataplaneConfiguration configuration)
    {
        FirstHopConfiguration firstHop = configuration.FirstHop;
        foreach ((int row, PortConfiguration port) in configuration.Ports.Index())
        {
            if (port.Vrrp is not { } vrrp)
                continue;
            if (vrrp.Address is { } own4)
                yield return Settings(row, vrrp, own4, vrrp.VirtualAddress ?? firstHop.Address);
            if (vrrp.Address6 is { } own6)
                yield return Settings(row, vrrp, own6, vrrp.VirtualAddress6 ?? firstHop.Address6);
        }
    }

    private static VrrpSettings Settings(int row, VrrpConfiguration vrrp, IpAddress own, IpAddress virtualAddress) => new()
    {
        Port = new PortId((ushort)row),
        Vlan = (ushort)(vrrp.Vlan ?? 0),
        VirtualRouterId = (byte)vrrp.VirtualRouterId,
        Priority = (byte)vrrp.Priority,
        Interval = vrrp.Interval,
        Preempts = vrrp.Preempts,
        PreemptDelay = vrrp.PreemptDelay,
        Address = own,
        VirtualAddress = virtualAddress,
        HasPseudoHeader = vrrp.HasPseudoHeader,
    };
}

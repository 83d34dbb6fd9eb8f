using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>A forwarder in the same process. What it is told is carried out in order, on its own thread; called on the routing loop.</summary>
public interface IInterfaceForwarder : IRouteSink
{
    /// <summary>A VPN is in use: it has a VRF from here on.</summary>
    /// <param name="vpn">The VPN.</param>
    /// <param name="label">Label of the VRF as a whole (AMB-24).</param>
    void AddVpn(string vpn, Label20 label);

    /// <summary>A VPN is out of use; its interfaces, routes and repairs were removed before.</summary>
    void RemoveVpn(string vpn);

    /// <summary>Puts an interface there, in the place of one of its key.</summary>
    /// <param name="wanted">The interface.</param>
    /// <param name="done">Told on the routing loop: null when it is there, or why not; then there is none of its key.</param>
    void SetInterface(ForwardedInterface wanted, Action<string?> done);

    /// <summary>Takes an interface away.</summary>
    void RemoveInterface(string key);

    /// <summary>Has packets with a label that an interface had looked up in the VRF (MOB-05).</summary>
    void Repair(string vpn, Label20 label);

    /// <summary>Ends it: the label is nobody's.</summary>
    void EndRepair(string vpn, Label20 label);
}

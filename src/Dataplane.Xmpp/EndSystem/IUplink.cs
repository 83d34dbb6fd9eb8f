namespace Dataplane.Xmpp.EndSystem;

/// <summary>
/// Where memberships and addresses are made known: gateways over XMPP, or the VRFs of a gateway in the same process. Each call says what shall be
/// from now on; repeating one changes nothing. Routing loop.
/// </summary>
public interface IUplink
{
    /// <summary>Takes part in a VPN: its routes are wanted.</summary>
    void Join(Membership membership);

    /// <summary>No longer does (AMB-12).</summary>
    void Leave(Membership membership);

    /// <summary>Makes an address known, or anew by the same leaf.</summary>
    void Publish(Publication publication);

    /// <summary>Withdraws what a leaf says (XMP-14).</summary>
    void Withdraw(string leaf);
}

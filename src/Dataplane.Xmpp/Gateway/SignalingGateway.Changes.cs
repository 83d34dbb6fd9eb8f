using Dataplane.Routing;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.Gateway;

/// <content>Provisioning and VRFs that change while clients are there, and what management asks.</content>
public sealed partial class SignalingGateway
{
    /// <summary>What is provisioned.</summary>
    public Provisioning Provisioning => _context.Provisioning;

    /// <summary>The settings in force.</summary>
    public SignalingGatewaySettings Settings => _context.Settings;

    /// <summary>Clients with a session.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Subscriptions there are, stale ones included.</summary>
    public int SubscriptionCount => _subscriptions.Count;

    /// <summary>
    /// Another provisioning takes effect: no session ends. What it does not allow any more goes at once, what it allows elsewhere goes there, and the
    /// rest is not touched. Also to be said when VRFs have come, since instance ids follow from all their names.
    /// </summary>
    public void Apply(Provisioning provisioning)
    {
        _context.Provisioning = provisioning;
        _context.Instances.Renew();
        foreach (GatewayClient client in _clients.Values.ToArray())
        {
            Admit(client);
            Review(client);
            _context.Counters.Revoked += _subscriptions.Review(client);
            ForgetIfGone(client);
        }
    }

    /// <summary>Other settings take effect; timers that run are not changed, and tokens keep their key.</summary>
    public void Apply(SignalingGatewaySettings settings) => _context.Settings = settings with { TokenKey = _context.Settings.TokenKey };

    /// <summary>A VRF is no more, with everything in it; called before another one can have its row.</summary>
    public void VrfRemoved(VrfIndex vrf)
    {
        foreach (GatewayClient client in _clients.Values.ToArray())
        {
            _publications.VrfRemoved(client, vrf);
            _subscriptions.VrfRemoved(client, vrf);
            ForgetIfGone(client);
        }
    }

    /// <summary>The client that published a local route of a VRF (SIG-24).</summary>
    public bool TryFindPublisher(PublisherId publisher, out Jid jid)
    {
        var found = _publishers.TryGetValue(publisher, out GatewayClient? client);
        jid = found ? client!.Jid : default;
        return found;
    }

    private void Review(GatewayClient client) => _context.Counters.Revoked += _publications.Review(client);
}

using System.Text.Json;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>Policy between VPNs from a stranger's BGP, by the gateway and XMPP, to the forwarder where packets enter.</summary>
public sealed class SignaledPolicyTests(SignaledSites sites) : IClassFixture<SignaledSites>
{
    [Fact]
    [Trait("Requirement", "ARC-20")]
    [Trait("Requirement", "SIG-20")]
    public void ARuleOfAStrangerIsEnforcedAtTheIngressUntilItIsWithdrawn()
    {
        const string Rule = "match destination 10.1.0.22/32 protocol icmp then discard rt 65000:1";
        _ = sites.Agent("a", "attach", "ga", "--vpn", "red", "--port", "ga", "--address", "10.1.0.11", "--address", "fd00:10:1::11");
        _ = sites.Agent("b", "attach", "gb", "--vpn", "red", "--port", "gb", "--address", "10.1.0.22", "--address", "fd00:10:1::22");
        Wait.Until($"packets to pass\n{sites.Logs}", () => sites.GuestA.Ping(sites.GuestB.Address4, count: 1).Received == 1);
        using PolicyPeer peer = sites.StartPolicyPeer();
        peer.Announce(Rule);
        peer.Announce("match destination 10.1.0.0/16 then discard rt 65000:2"); // nobody's here
        Wait.Until($"the rule at the ingress\n{sites.Logs}", () => sites.Rules("a").Length == 1);
        JsonElement rule = sites.Rules("a")[0];
        Assert.Equal(("dst 10.1.0.22/32; proto =1", "signaled", true),
            (rule.GetProperty("rule").GetString(), rule.GetProperty("origin").GetString(), rule.GetProperty("installed").GetBoolean()));

        double sent = Tunnelled();
        Assert.Equal(0, sites.GuestA.PingInVain(sites.GuestB.Address4));
        Assert.Equal(2, sites.A.Drops("filtered"));
        Assert.Equal(sent, Tunnelled()); // nothing of it is seen in the fabric
        Assert.Equal(2, sites.Rules("a")[0].GetProperty("dropped").GetInt32());
        Assert.Equal(2, sites.A.Metrics().Sum("dataplane_filter_dropped_packets_total", ("vrf", "red")));

        // What the rule does not name passes, the other way and the other family.
        Assert.Equal(3, sites.GuestA.Ping(sites.GuestB.Address6).Received);

        peer.Withdraw(Rule);
        Wait.Until($"the rule to go\n{sites.Logs}", () => sites.Rules("a").Length == 0 && sites.Rules("b").Length == 0);
        PingResult again = sites.GuestA.Ping(sites.GuestB.Address4);
        Assert.True(again.Received == 3, $"{again.Text}\n{sites.Logs}");
    }

    private double Tunnelled() => sites.A.Metrics().Sum("dataplane_tunnel_packets_total");
}

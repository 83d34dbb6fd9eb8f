using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class MembershipTests : IMembershipListener
{
    private readonly VpnRig _rig = new();
    private readonly List<string> _told = [];

    void IMembershipListener.MembershipChanged(ExtendedCommunity routeTarget, bool wanted) => _told.Add((wanted ? "+" : "-") + routeTarget);

    [Fact]
    [Trait("Requirement", "SIG-05")]
    [Trait("Requirement", "SIG-06")]
    [Trait("Requirement", "AMB-30")]
    public void ATargetIsWantedFromTheFirstMemberToTheLast()
    {
        VrfIndex blue = _rig.AddVrf("blue", ["65000:1", "65000:2"], []);
        VrfIndex red = _rig.AddVrf("red", ["65000:2", "65000:3"], []);
        _rig.Vrfs.Membership.Listen(this);
        Assert.Equal("", Told());
        _rig.Vrfs.AddMember(blue);
        Assert.Equal("+rt:65000:1 +rt:65000:2", Told());
        _rig.Vrfs.AddMember(blue);
        Assert.Equal("", Told());
        _rig.Vrfs.AddMember(red);
        Assert.Equal("+rt:65000:3", Told());
        _rig.Vrfs.RemoveMember(blue);
        Assert.Equal("", Told());
        _rig.Vrfs.RemoveMember(blue);
        Assert.Equal("-rt:65000:1", Told());
        _rig.Vrfs.Remove(red);
        Assert.Equal("-rt:65000:2 -rt:65000:3", Told());
        Assert.Equal(0, _rig.Vrfs.Membership.Count);
    }

    [Fact]
    [Trait("Requirement", "SIG-05")]
    public void ChangedTargetsAreWantedWithoutLettingGoOfThoseThatStay()
    {
        VrfIndex blue = _rig.Vrfs.Add(VpnRig.Settings("blue", ["65000:1", "65000:2"], []) with { AlwaysMember = true });
        _rig.Vrfs.Membership.Listen(this);
        Assert.Equal("+rt:65000:1 +rt:65000:2", Told());
        _rig.Vrfs.Update(blue, VpnRig.Settings("blue", ["65000:2", "65000:3", "65000:3"], []) with { AlwaysMember = true });
        Assert.Equal("+rt:65000:3 -rt:65000:1", Told());
        _rig.Vrfs.Update(blue, VpnRig.Settings("blue", ["65000:2"], []));
        Assert.Equal("-rt:65000:2 -rt:65000:3", Told());
        Assert.Throws<InvalidOperationException>(() => _rig.Vrfs.RemoveMember(blue));
    }

    private string Told()
    {
        var all = string.Join(' ', _told);
        _told.Clear();
        return all;
    }
}

namespace Dataplane.SlowPath.Tests.Icmp;

/// <summary>Budgets of the forwarder's own ICMP messages.</summary>
[Trait("Requirement", "SEC-14")]
public sealed class IcmpRateLimitTests
{
    private readonly SlowPathRig _rig = new(new SlowPathOptions { IcmpRate = 5 });

    [Theory]
    [InlineData("TTL expires")]
    [InlineData("1473 octets with DF")]
    [InlineData("echo to 198.51.100.1")]
    [InlineData("IPv6 echo to our address")]
    public void Beyond_the_rate_nothing_is_answered_until_time_passes(string name)
    {
        var vector = Vector.Named(name);
        for (int i = 0; i < 5; i++)
            Assert.Equal(PuntDisposition.Answered, vector.HandleBy(_rig).Disposition);
        Assert.Equal(SlowPathDropReason.IcmpRateLimited, vector.HandleBy(_rig).Reason);

        _rig.Time.Move(TimeSpan.FromMilliseconds(199));
        Assert.Equal(SlowPathDropReason.IcmpRateLimited, vector.HandleBy(_rig).Reason);
        _rig.Time.Move(TimeSpan.FromMilliseconds(1));
        Assert.Equal(PuntDisposition.Answered, vector.HandleBy(_rig).Disposition);
        Assert.Equal(SlowPathDropReason.IcmpRateLimited, vector.HandleBy(_rig).Reason);
        _rig.AssertLedger();
    }

    [Fact]
    [Trait("Requirement", "SEC-13")]
    public void One_vrf_does_not_use_up_anothers_budget()
    {
        for (int i = 0; i < 6; i++)
            _ = Vector.Named("TTL expires").HandleBy(_rig);
        var red = Vector.Named("TTL expires in a VRF without router address");
        Assert.Equal(PuntDisposition.Answered, red.HandleBy(_rig).Disposition);
    }

    [Fact]
    public void A_long_pause_saves_no_more_than_one_burst()
    {
        var vector = Vector.Named("TTL expires");
        _rig.Time.Move(TimeSpan.FromDays(3650));
        int answered = Enumerable.Range(0, 20).Count(_ => vector.HandleBy(_rig).Disposition == PuntDisposition.Answered);
        Assert.Equal(5, answered);
    }
}

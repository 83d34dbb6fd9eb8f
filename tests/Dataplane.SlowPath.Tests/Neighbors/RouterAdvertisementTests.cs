namespace Dataplane.SlowPath.Tests.Neighbors;

/// <summary>Router advertisements that nobody asked for again.</summary>
public sealed class RouterAdvertisementTests
{
    [Fact]
    [Trait("Requirement", "FWD-15")]
    public void Who_asked_once_is_told_again_to_all_nodes_before_the_lifetime_ends()
    {
        var rig = new SlowPathRig();
        _ = Vector.Named("router solicitation without address").HandleBy(rig);
        _ = Vector.Named("router solicitation without address").HandleBy(rig);
        var first = rig.TakeFrames();

        rig.Run(1800);

        var later = rig.TakeFrames();
        Assert.Equal(3, later.Count);
        Assert.All(later, frame => Assert.Equal(first[0].Frame, frame.Frame));
    }

    [Fact]
    public void An_interface_that_went_away_is_told_nothing()
    {
        var rig = new SlowPathRig();
        _ = Vector.Named("router solicitation").HandleBy(rig);
        _ = rig.TakeFrames();
        rig.Topology.RemoveInterface(TestTopology.Guest);
        rig.Run(1800);
        Assert.Empty(rig.TakeFrames());
        Assert.Null(rig.SlowPath.TimeToNextTimer);
    }
}

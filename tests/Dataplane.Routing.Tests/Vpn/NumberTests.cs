using Dataplane.Net;
using Dataplane.Routing.Vpn;

namespace Dataplane.Routing.Tests.Vpn;

public sealed class NumberTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpn-numbers").FullName;

    private string Path => System.IO.Path.Combine(_folder, "numbers");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("Requirement", "AMB-19")]
    [Trait("Requirement", "SIG-04")]
    public void DistinguishersAreOurAddressAndAnInstanceOfTheName()
    {
        var allocator = new DistinguisherAllocator(Ipv4Address.Parse("10.0.0.9"));
        Assert.True(allocator.TryTake("blue", out RouteDistinguisher blue));
        Assert.True(allocator.TryTake("red", out RouteDistinguisher red));
        Assert.Equal(("10.0.0.9:1", "10.0.0.9:2", 1), (blue.ToString(), red.ToString(), blue.Type));
        allocator.Release("blue");
        Assert.True(allocator.TryTake("green", out RouteDistinguisher green));
        Assert.True(allocator.TryTake("blue", out RouteDistinguisher again));
        Assert.Equal(("10.0.0.9:3", blue), (green.ToString(), again));
    }

    [Fact]
    [Trait("Requirement", "AMB-24")]
    public void LabelsAreCountedAndGoToOthersOnlyWhenAllWereUsed()
    {
        var labels = new LabelAllocator(16, 18);
        Assert.Equal((true, 16u), Take(labels, "interface:a"));
        Assert.Equal((true, 16u), Take(labels, "interface:a"));
        Assert.Equal((true, 17u), Take(labels, "vrf:blue"));
        Assert.False(labels.Release("interface:a"));
        Assert.True(labels.Release("interface:a"));
        Assert.True(labels.Release("vrf:blue"));
        Assert.Equal((true, 18u), Take(labels, "interface:b"));
        Assert.Equal((true, 16u), Take(labels, "interface:c"));
        Assert.True(labels.TryFindOwner(new(16), out var owner));
        Assert.Equal("interface:c", owner);
        Assert.Equal((true, 17u), Take(labels, "interface:d"));
        Assert.False(labels.TryTake("interface:e", out _));
        Assert.Equal(3, labels.InUse);
        Assert.Throws<InvalidOperationException>(() => labels.Release("vrf:blue"));
    }

    [Theory]
    [InlineData(15u, 100u)]
    [InlineData(16u, 1u << 20)]
    [InlineData(20u, 19u)]
    public void LabelsAreFromSixteenToAllOnes(uint first, uint last) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelAllocator(first, last));

    [Fact]
    public void AConfiguredLabelIsOnesOwnOrNobodys()
    {
        var labels = new LabelAllocator(16, 20);
        Assert.True(labels.TryTake("vrf:blue", new Label20(16)));
        Assert.Equal((true, 17u), Take(labels, "interface:a"));
        Assert.False(labels.TryTake("vrf:red", new Label20(17)));
        Assert.False(labels.TryTake("vrf:blue", new Label20(18)));
        Assert.True(labels.TryTake("vrf:red", new Label20(5000)));
        Assert.False(labels.TryTake("vrf:green", new Label20(3)));
        labels.Release("vrf:blue");
        Assert.True(labels.TryTake("vrf:red2", new Label20(16)));
    }

    [Fact]
    [Trait("Requirement", "AMB-19")]
    [Trait("Requirement", "AMB-24")]
    public void NamesKeepTheirNumbersOverARestart()
    {
        var options = new VrfTableOptions { RouterId = 0x0A000009, NumberFile = Path };
        var before = new VpnRig(options);
        before.AddVrf("first", [], []);
        VrfIndex blue = before.AddVrf("blue", [], [], "10.0.0.0/8");
        Assert.True(before.Vrfs.Labels.TryTake(LabelAllocator.OfInterface("tap 1"), out Label20 label));
        Assert.True(before.Vrfs.Numbers!.IsChanged);
        before.Vrfs.Numbers.Save();
        Assert.False(before.Vrfs.Numbers.IsChanged);
        Assert.Equal([Path], Directory.GetFiles(_folder));

        var after = new VpnRig(options);
        Assert.True(after.Vrfs.Labels.TryTake("interface:new", out Label20 other));
        Assert.True(after.Vrfs.Labels.TryTake(LabelAllocator.OfInterface("tap 1"), out Label20 again));
        VrfIndex newcomer = after.AddVrf("newcomer", [], []);
        VrfIndex blueAgain = after.AddVrf("blue", [], [], "10.0.0.0/8");
        Assert.Equal(label, again);
        Assert.Equal(before.Vrfs[blue].Distinguisher, after.Vrfs[blueAgain].Distinguisher);
        Assert.Equal(before.Vrfs[blue].AggregateLabel, after.Vrfs[blueAgain].AggregateLabel);
        Assert.NotEqual(before.Vrfs[blue].Distinguisher, after.Vrfs[newcomer].Distinguisher);
        Assert.False(other == label || other == before.Vrfs[blue].AggregateLabel);
    }

    [Fact]
    public void LinesThatSayNothingArePassedOver()
    {
        File.WriteAllText(Path, "# heading\nrd 7 blue\nrd 7 red\nrd x green\nlabel 99999999 a\nlabel 40\nlabel 40 \nrd 0 zero\nnonsense\nlabel 41 b c\n");
        var rig = new VpnRig(new VrfTableOptions { RouterId = 0x0A000009, NumberFile = Path });
        Assert.Equal("10.0.0.9:7", rig.Vrfs[rig.AddVrf("blue", [], [])].Distinguisher.ToString());
        Assert.Equal("10.0.0.9:1", rig.Vrfs[rig.AddVrf("red", [], [])].Distinguisher.ToString());
        Assert.Equal("10.0.0.9:2", rig.Vrfs[rig.AddVrf("zero", [], [])].Distinguisher.ToString());
        Assert.Equal((true, 41u), Take(rig.Vrfs.Labels, "b c"));
    }

    private static (bool Taken, uint Label) Take(LabelAllocator labels, string owner)
    {
        var taken = labels.TryTake(owner, out Label20 label);
        return (taken, label.Value);
    }
}

using Dataplane.Bgp.Speaker.Membership;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Bgp.Tests.Speaker;

public sealed class MembershipSetTests
{
    private static readonly ExtendedCommunity Blue = ExtendedCommunity.ParseRouteTarget("65000:1");
    private static readonly ExtendedCommunity Red = ExtendedCommunity.ParseRouteTarget("65000:2");
    private static readonly ExtendedCommunity OfAddress = ExtendedCommunity.ParseRouteTarget("192.0.2.1:1");

    [Fact, Trait("Requirement", "SIG-07")]
    public void AWholeTargetIsCountedByOrigin()
    {
        var set = new MembershipSet();
        Assert.True(set.Add(Nlri.Membership(new(65000), Blue)));
        Assert.False(set.Add(Nlri.Membership(new(65001), Blue)));
        Assert.True(set.Wants(Blue));
        Assert.False(set.Wants(Red));
        Assert.False(set.Remove(Nlri.Membership(new(65000), Blue)));
        Assert.True(set.Wants(Blue));
        Assert.True(set.Remove(Nlri.Membership(new(65001), Blue)));
        Assert.False(set.Wants(Blue));
        Assert.False(set.Remove(Nlri.Membership(new(65001), Blue)));
        Assert.True(set.IsEmpty);
    }

    [Theory, Trait("Requirement", "SIG-07")]
    [InlineData(0, true, true, true)]
    [InlineData(16, true, true, true)]
    [InlineData(32, true, true, true)]
    [InlineData(48, true, true, false)] // type and sub-type
    [InlineData(64, true, true, false)] // and the AS
    [InlineData(94, true, true, false)]
    [InlineData(95, true, false, false)]
    [InlineData(96, true, false, false)]
    public void APrefixAsksForAllTargetsBelow(byte length, bool blue, bool red, bool address)
    {
        var set = new MembershipSet();
        set.Add(Cut(Nlri.Membership(new(65000), Blue), length));
        Assert.Equal((blue, red, address), (set.Wants(Blue), set.Wants(Red), set.Wants(OfAddress)));
        Assert.Equal(length <= 32, set.IsEverything);
        Assert.Equal(length <= 32, set.WantsAny([]));
    }

    private static Nlri Cut(Nlri nlri, byte length)
    {
        UInt128 bits = ((UInt128)nlri.High << 64 | nlri.Low) & (length == 0 ? 0 : UInt128.MaxValue << (128 - length));
        return new(default, (ulong)(bits >> 64), (ulong)bits, length);
    }
}

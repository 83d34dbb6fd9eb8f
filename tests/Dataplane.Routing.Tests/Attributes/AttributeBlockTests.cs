using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Tests.Attributes;

public sealed class AttributeBlockTests
{
    [Fact]
    public void AttributesStandInOrderOfTheirCodesHoweverTheyWereSet()
    {
        var builder = new AttributeBlockBuilder();
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 120);
        builder.SetNextHop(IpAddress.Parse("10.0.0.4"));
        builder.SetOrigin(0);
        builder.SetAsPath(new AsNumber(65000), new AsNumber(4200000000));
        builder.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1"), ExtendedCommunity.Mobility(7)]);
        Assert.Equal(
            "40010100" + "40020A02020000FDE8FA56EA00" + "4003040A000004" + "40050400000078" + "C010100002FDE8000000010600000000000007",
            Convert.ToHexString(builder.Block.Octets));
        builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
        builder.Remove(AttributeCode.AsPath);
        Assert.Equal(
            "40010100" + "4003040A000004" + "40050400000064" + "C010100002FDE8000000010600000000000007",
            Convert.ToHexString(builder.Block.Octets));
    }

    [Fact]
    public void LongValuesGetTwoOctetsOfLength()
    {
        var builder = new AttributeBlockBuilder();
        builder.Set((AttributeCode)99, AttributeFlags.Optional | AttributeFlags.Transitive, new byte[300]);
        builder.SetOrigin(2);
        Assert.Equal("40010102D063012C", Convert.ToHexString(builder.Block.Octets[..8]));
        Assert.Equal(308, builder.Block.Octets.Length);
        Assert.True(builder.Block.TryGet((AttributeCode)99, out ReadOnlySpan<byte> value));
        Assert.Equal(300, value.Length);
        Assert.False(builder.Block.TryGet(AttributeCode.LocalPref, out _));
    }
}

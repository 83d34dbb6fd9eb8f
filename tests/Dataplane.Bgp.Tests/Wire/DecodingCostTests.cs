using System.Buffers;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>Reading and writing updates leaves nothing for the collector.</summary>
public class DecodingCostTests
{
    [Fact]
    public void Reading_updates_allocates_nothing()
    {
        CodecOptions options = Sessions.Internal;
        byte[][] bodies =
        [
            .. UpdateEncoderTests.Reach(RouteFamily.VpnIpv4, Attributes(), options, UpdateEncoderTests.Vpn("65000:1", "10.0.0.0/24", 100)),
            .. UpdateEncoderTests.Unreach(RouteFamily.VpnIpv4, options, UpdateEncoderTests.Vpn("65000:1", "10.0.0.0/24", 100)),
            .. UpdateEncoderTests.Reach(RouteFamily.Ipv4Unicast, Attributes(), options, new NlriEntry(Nlri.Of(IpPrefix.Parse("10.0.0.0/8")))),
            [.. new byte[MessageHeader.Size], .. RawUpdate.Announcing().With(0xC0, 8, 1).With(0x40, 6, 1).Body()], // errors that do not end the session
            [.. new byte[MessageHeader.Size], .. RawUpdate.Announcing().With(0x80, 14, 0, 1, 133, 0, 0, 5, 1, 24, 10, 0, 0).Body()],
        ];
        bodies = [.. bodies.Select(message => message[MessageHeader.Size..])];
        var update = new DecodedUpdate();
        foreach (byte[] body in bodies.Concat(bodies))
        {
            UpdateDecoder.Decode(body, options, update); // grows what is kept
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            UpdateDecoder.Decode(bodies[i % bodies.Length], options, update);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writing_updates_allocates_nothing(bool fourOctetAs)
    {
        CodecOptions options = Sessions.Internal with { FourOctetAs = fourOctetAs };
        NlriEntry[] routes = [UpdateEncoderTests.Vpn("65000:1", "10.0.0.0/24", 100), UpdateEncoderTests.Vpn("65000:2", "10.0.0.0/24", 101)];
        AttributeBlockBuilder attributes = Attributes();
        var to = new ArrayBufferWriter<byte>(1 << 16);
        _ = UpdateEncoder.EncodeReach(RouteFamily.VpnIpv4, attributes.Block, routes, options, to);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            to.ResetWrittenCount();
            _ = UpdateEncoder.EncodeReach(RouteFamily.VpnIpv4, attributes.Block, routes, options, to);
            _ = UpdateEncoder.EncodeUnreach(RouteFamily.VpnIpv4, routes, options, to);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static AttributeBlockBuilder Attributes()
    {
        AttributeBlockBuilder attributes = UpdateEncoderTests.Attributes("10.0.0.1");
        attributes.SetAsPath(new(65001), new(4200000001));
        attributes.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, 100);
        attributes.SetExtendedCommunities([ExtendedCommunity.ParseRouteTarget("65000:1"), ExtendedCommunity.Mobility(7)]);
        return attributes;
    }
}

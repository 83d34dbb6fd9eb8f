using System.Buffers.Binary;
using Dataplane.Rig.Contenders;
using Dataplane.Rig.Scenarios;

namespace Dataplane.Rig.Tests;

/// <summary>The comparison that stands before every measurement.</summary>
public sealed class SelfCheckTests
{
    private static readonly byte[][] Frames = [[1, 2, 3], [4, 5, 6], [1, 2, 3]];

    [Fact]
    public void EqualFramesPassInAnyOrder() =>
        SelfCheck.RequireEqualFrames(Frames, [[4, 5, 6], [1, 2, 3], [1, 2, 3]], expected: 3);

    [Fact]
    public void AByteMakesADifference()
    {
        var error = Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, [[1, 2, 3], [4, 5, 7], [1, 2, 3]], expected: 3));
        Assert.Contains("040506", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HowOftenAFrameWasSentMakesADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, [[1, 2, 3], [4, 5, 6], [4, 5, 6]], expected: 3));

    [Fact]
    public void AMissingFrameMakesADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, Frames[..2], expected: 3));

    [Fact]
    public void FramesThatBothLostMakeADifference() =>
        Assert.Throws<InvalidOperationException>(() => SelfCheck.RequireEqualFrames(Frames, Frames, expected: 4));

    [Fact]
    public void OfMplsOverUdpOnlyTheSourcePortIsLeftOut()
    {
        byte[] frame = Outer(protocol: 17);
        byte[] hidden = [.. frame];
        SelfCheck.HideHash(hidden, Catalogue.Find("encap4-udp").Topology());
        frame.AsSpan(34, 2).Clear();
        Assert.Equal(frame, hidden);
    }

    [Fact]
    public void WithoutGroupsNothingOfGreIsLeftOut()
    {
        byte[] frame = Outer(protocol: 47);
        byte[] hidden = [.. frame];
        SelfCheck.HideHash(hidden, Catalogue.Find("encap4-gre").Topology());
        Assert.Equal(frame, hidden);
    }

    [Fact]
    public void AFlowMayTakeAnyMemberOfItsGroupButNoOther()
    {
        Topology topology = Catalogue.Find("ecmp512").Topology();
        RemoteMember first = topology.Groups[0][3];
        byte[] one = Outer(protocol: 47, topology, first);
        byte[] other = Outer(protocol: 47, topology, topology.Groups[0][500]);
        Assert.NotEqual(one, other);
        SelfCheck.HideHash(one, topology);
        SelfCheck.HideHash(other, topology);
        Assert.Equal(one, other);
        byte[] wrong = Outer(protocol: 47, topology, first with { Label = first.Label + 1 });
        Assert.Throws<InvalidOperationException>(() => SelfCheck.HideHash(wrong, topology));
    }

    private static byte[] Outer(byte protocol)
    {
        var frame = new byte[84];
        new Random(4).NextBytes(frame);
        frame[14 + 9] = protocol;
        return frame;
    }

    private static byte[] Outer(byte protocol, Topology topology, RemoteMember member)
    {
        byte[] frame = Outer(protocol);
        topology.Tunnels[member.Tunnel].Remote.CopyTo(frame.AsSpan(30));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(38), member.Label << 12 | 0x140);
        return frame;
    }
}

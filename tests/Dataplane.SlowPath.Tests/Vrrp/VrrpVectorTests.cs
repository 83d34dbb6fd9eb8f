using System.Text.Json;
using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests.Vrrp;

/// <summary>Advertisements octet by octet as scapy builds them, and what is discarded (vectors/make_vrrp_vectors.py).</summary>
public sealed class VrrpVectorTests
{
    private static readonly JsonElement s_vectors = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "vrrp.json"))).RootElement;

    public static TheoryData<string> Sent => Names("sent");

    public static TheoryData<string> Received => Names("received");

    [Theory, MemberData(nameof(Sent))]
    [Trait("Requirement", "EXT-10")]
    public void A_virtual_router_sends_what_scapy_builds(string name)
    {
        JsonElement vector = Named("sent", name);
        var rig = new SlowPathRig();
        rig.SlowPath.Elections.Start(new VrrpSettings
        {
            Port = new PortId(1),
            Vlan = vector.GetProperty("vlan").GetUInt16(),
            VirtualRouterId = vector.GetProperty("vrid").GetByte(),
            Priority = vector.GetProperty("priority").GetByte(),
            Interval = vector.GetProperty("interval").GetInt32(),
            Address = IpAddress.Parse(vector.GetProperty("address").GetString()!),
            VirtualAddress = IpAddress.Parse(vector.GetProperty("virtualAddress").GetString()!),
            HasPseudoHeader = vector.GetProperty("pseudoHeader").GetBoolean(),
        });
        _ = rig.TakeFrames();
        rig.Run(seconds: 200);
        var frame = rig.TakeFrames()[0];
        Assert.Equal(vector.GetProperty("frame").GetString(), Convert.ToHexStringLower(frame.Frame));
        Assert.Equal(new PortId(1), frame.Port);
        Assert.True(frame.Destination.IsNone);
    }

    [Theory, MemberData(nameof(Received))]
    public void A_packet_is_read_or_discarded_with_a_reason(string name)
    {
        JsonElement vector = Named("received", name);
        byte[] packet = Convert.FromHexString(vector.GetProperty("packet").GetString()!);
        var fault = VrrpAdvertisement.Read(packet, out var advertisement);
        Assert.Equal(vector.GetProperty("fault").GetString(), fault.ToString());
        if (fault != VrrpFault.None)
            return;
        Assert.Equal(1, advertisement.VirtualRouterId);
        Assert.Equal(vector.GetProperty("priority").GetByte(), advertisement.Priority);
        Assert.Equal(vector.GetProperty("interval").GetInt32(), advertisement.Interval);
        Assert.Equal(vector.GetProperty("source").GetString(), advertisement.Source.ToString());
    }

    [Theory, MemberData(nameof(Received))]
    public void Octets_changed_or_cut_off_anywhere_do_no_harm(string name)
    {
        byte[] packet = Convert.FromHexString(Named("received", name).GetProperty("packet").GetString()!);
        for (int at = 0; at < packet.Length; at++)
        {
            var altered = (byte[])packet.Clone();
            for (int value = 0; value < 256; value += 51)
            {
                altered[at] = (byte)value;
                _ = VrrpAdvertisement.Read(altered, out _);
            }
            _ = VrrpAdvertisement.Read(packet.AsSpan(0, at), out _);
        }
    }

    private static JsonElement Named(string list, string name) =>
        s_vectors.GetProperty(list).EnumerateArray().Single(vector => vector.GetProperty("name").GetString() == name);

    private static TheoryData<string> Names(string list) =>
        [.. s_vectors.GetProperty(list).EnumerateArray().Select(vector => vector.GetProperty("name").GetString()!)];
}

namespace Dataplane.SlowPath.Tests;

/// <summary>
/// Punted packet → expected bytes, disposition and reason, for every case of vectors/vectors.json. The bytes were built
/// by scapy (vectors/make_vectors.py).
/// </summary>
public sealed class VectorTests
{
    public static TheoryData<string> Group(string group)
    {
        var names = new TheoryData<string>();
        foreach (var vector in Vector.All.Where(vector => vector.Group == group))
            names.Add(vector.Name);
        return names;
    }

    [Theory, MemberData(nameof(Group), "FWD-11")]
    [Trait("Requirement", "FWD-11")]
    [Trait("Requirement", "FWD-12")]
    [Trait("Requirement", "FWD-13")]
    [Trait("Requirement", "FWD-16")]
    public void Guests_address_resolution_is_answered_with_the_virtual_mac(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "EXT-09")]
    [Trait("Requirement", "EXT-09")]
    [Trait("Requirement", "EXT-11")]
    public void Address_resolution_on_tagged_links_is_answered_with_the_virtual_mac(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "AMB-27")]
    [Trait("Requirement", "AMB-27")]
    public void Duplicate_address_detection_of_the_own_address_is_met_with_silence(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "SEC-03")]
    [Trait("Requirement", "SEC-03")]
    public void Nobody_speaks_for_anothers_address(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "SEC-14")]
    [Trait("Requirement", "SEC-14")]
    public void Nothing_is_learnt_unasked(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "FWD-15")]
    [Trait("Requirement", "FWD-15")]
    [Trait("Requirement", "AMB-49")]
    public void The_forwarder_answers_as_router_inside_the_vpn(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "FWD-23")]
    [Trait("Requirement", "FWD-23")]
    public void Errors_and_fragments_follow_ttl_and_mtu(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "FWD-14")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "AMB-26")]
    public void Guests_are_asked_from_the_virtual_mac(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "underlay")]
    public void The_underlay_is_answered_from_the_ports_own_addresses(string name) => Check(name);

    [Theory, MemberData(nameof(Group), "SEC-04")]
    [Trait("Requirement", "SEC-04")]
    public void The_underlay_learns_nothing_of_tenants(string name) => Check(name);

    [Fact]
    public void Every_case_belongs_to_a_group_that_is_run()
    {
        string[] groups =
            ["FWD-11", "EXT-09", "AMB-27", "SEC-03", "SEC-14", "FWD-15", "FWD-23", "FWD-14", "underlay", "SEC-04"];
        Assert.All(Vector.All, vector => Assert.Contains(vector.Group, groups));
        Assert.True(Vector.All.Count > 100);
    }

    private static void Check(string name)
    {
        var vector = Vector.Named(name);
        var rig = new SlowPathRig();

        var outcome = vector.HandleBy(rig);

        Assert.Equal($"{vector.Disposition} {vector.Drop}", $"{outcome.Disposition} {outcome.Reason}");
        Assert.Equal(
            vector.Frames.Select(frame => (frame.Port, frame.Interface, frame.Frame)),
            rig.Topology.Frames.Select(frame => (
                frame.Port.Value,
                frame.Destination.IsNone ? -1 : (int)frame.Destination.Value,
                Convert.ToHexStringLower(frame.Frame))));
        Assert.Equal(
            vector.Injections,
            rig.Topology.Injections.Select(injection => new Vector.ExpectedInjection(
                injection.Vrf.Value,
                injection.View?.ToString() ?? "Delivery",
                injection.Interface.IsNone ? -1 : (int)injection.Interface.Value,
                injection.KeepTtl,
                Convert.ToHexStringLower(injection.Packet))));
        Assert.Equal(1ul, rig.Counters.Handled);
        rig.AssertLedger();
    }
}

namespace Dataplane.Golden;

/// <summary>What the slow path answers, holds and reports. One class, so that its cases run one after the other.</summary>
public sealed class SlowPathCases
{
    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(FirstHop), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-26")]
    [Trait("Requirement", "AMB-27")]
    [Trait("Requirement", "AMB-49")]
    [Trait("Requirement", "ARC-06")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "EXT-09")]
    [Trait("Requirement", "EXT-11")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-11")]
    [Trait("Requirement", "FWD-12")]
    [Trait("Requirement", "FWD-13")]
    [Trait("Requirement", "FWD-15")]
    [Trait("Requirement", "FWD-16")]
    [Trait("Requirement", "FWD-17")]
    [Trait("Requirement", "FWD-22")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-03")]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "SEC-12")]
    [Trait("Requirement", "SEC-14")]
    public void FirstHop(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Election), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-26")]
    [Trait("Requirement", "EXT-10")]
    [Trait("Requirement", "FWD-13")]
    [Trait("Requirement", "MGT-08")]
    public void Election(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(IcmpErrors), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-10")]
    [Trait("Requirement", "ARC-17")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-07")]
    [Trait("Requirement", "FWD-15")]
    [Trait("Requirement", "FWD-19")]
    [Trait("Requirement", "FWD-21")]
    [Trait("Requirement", "FWD-23")]
    [Trait("Requirement", "SEC-14")]
    public void IcmpErrors(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Underlay), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-28")]
    [Trait("Requirement", "ARC-14")]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-07")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-04")]
    [Trait("Requirement", "SEC-14")]
    public void Underlay(string name) => GoldenRun.Verify(name);
}

namespace Dataplane.Golden;

/// <summary>What ports take, to whom it belongs, and what is dropped. One class, so that its cases run one after the other.</summary>
public sealed class PortCases
{
    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Classification), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-26")]
    [Trait("Requirement", "AMB-28")]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "EXT-02")]
    [Trait("Requirement", "EXT-03")]
    [Trait("Requirement", "FWD-03")]
    [Trait("Requirement", "FWD-09")]
    [Trait("Requirement", "FWD-12")]
    [Trait("Requirement", "FWD-13")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "FWD-22")]
    [Trait("Requirement", "MGT-08")]
    public void Classification(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Drops), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-06")]
    [Trait("Requirement", "ARC-14")]
    [Trait("Requirement", "ARC-20")]
    [Trait("Requirement", "ARC-21")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "FWD-15")]
    [Trait("Requirement", "FWD-22")]
    [Trait("Requirement", "FWD-23")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-03")]
    [Trait("Requirement", "SEC-04")]
    public void Drops(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Filters), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-20")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SIG-20")]
    public void Filters(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Mixed), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-02")]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "MGT-08")]
    public void Mixed(string name) => GoldenRun.Verify(name);
}

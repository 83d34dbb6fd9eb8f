namespace Dataplane.Golden;

/// <summary>Packets between guests and tunnels, both directions. One class, so that its cases run one after the other.</summary>
public sealed class TunnelCases
{
    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Encapsulation), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-04")]
    [Trait("Requirement", "ARC-16")]
    [Trait("Requirement", "ARC-17")]
    [Trait("Requirement", "ARC-18")]
    [Trait("Requirement", "FWD-02")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-07")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "FWD-23")]
    [Trait("Requirement", "QOS-05")]
    [Trait("Requirement", "SEC-04")]
    public void Encapsulation(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(NextHops), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-09")]
    [Trait("Requirement", "CHN-24")]
    [Trait("Requirement", "FWD-20")]
    [Trait("Requirement", "SCL-10")]
    public void NextHops(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Decapsulation), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-24")]
    [Trait("Requirement", "ARC-05")]
    [Trait("Requirement", "FWD-03")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-06")]
    [Trait("Requirement", "FWD-07")]
    [Trait("Requirement", "FWD-08")]
    [Trait("Requirement", "FWD-14")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-04")]
    public void Decapsulation(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Labels), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "AMB-24")]
    [Trait("Requirement", "AMB-45")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-08")]
    [Trait("Requirement", "FWD-10")]
    [Trait("Requirement", "FWD-19")]
    [Trait("Requirement", "INT-06")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "QOS-02")]
    [Trait("Requirement", "SEC-01")]
    [Trait("Requirement", "SEC-09")]
    public void Labels(string name) => GoldenRun.Verify(name);

    [Theory]
    [MemberData(nameof(CasesOf.Group), nameof(Lookup), MemberType = typeof(CasesOf))]
    [Trait("Requirement", "ARC-04")]
    [Trait("Requirement", "ARC-07")]
    [Trait("Requirement", "ARC-13")]
    [Trait("Requirement", "ARC-17")]
    [Trait("Requirement", "FWD-01")]
    [Trait("Requirement", "FWD-02")]
    [Trait("Requirement", "FWD-04")]
    [Trait("Requirement", "FWD-05")]
    [Trait("Requirement", "FWD-08")]
    [Trait("Requirement", "FWD-10")]
    [Trait("Requirement", "FWD-19")]
    [Trait("Requirement", "FWD-21")]
    [Trait("Requirement", "MGT-08")]
    [Trait("Requirement", "SEC-02")]
    [Trait("Requirement", "SEC-13")]
    [Trait("Requirement", "SIG-13")]
    public void Lookup(string name) => GoldenRun.Verify(name);
}

using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Routing.Tests.Rib;

[Trait("Requirement", "AMB-04")]
public sealed class RibPropertyTests
{
    [Fact]
    public void AnyFewChangesLeadToWhatTheOracleComputesFromScratch() =>
        Prop.ForAll<(ushort Kind, ushort A, ushort B, ushort C)[]>(changes =>
        {
            var driver = new RibDriver(RouteFamily.VpnIpv4);
            foreach ((ushort kind, ushort a, ushort b, ushort c) in changes)
            {
                driver.Do(kind, a % 3, b, c);
                if (a % 2 == 0)
                {
                    // Else what was begun goes on while the next change comes.
                    driver.Check(1 + (c % 3));
                }
            }

            driver.End();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData(RouteFamily.Ipv6Unicast, 1)]
    [InlineData(RouteFamily.VpnIpv4, 2)]
    [InlineData(RouteFamily.VpnIpv6, 3)]
    public void ManyChangesLeadToWhatTheOracleComputesFromScratch(RouteFamily family, int seed)
    {
        var driver = new RibDriver(family);
        var random = new Random(seed);
        for (var i = 0; i < 60_000; i++)
        {
            driver.Do(random.Next(20), random.Next(), random.Next(), random.Next());
            if (random.Next(20) == 0)
            {
                driver.Check(1 + random.Next(10));
            }
        }

        driver.End();
    }
}

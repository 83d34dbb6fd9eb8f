using Dataplane.Host.Replay;

namespace Dataplane.Host.Tests.Replay;

public sealed class VirtualClockTests
{
    [Fact]
    public void TimeOnlyGoesForward()
    {
        var clock = new VirtualClock(1_700_000_000_000_000_000);
        long start = clock.GetTimestamp();
        clock.AdvanceTo(1_700_000_001_500_000_000);
        clock.AdvanceTo(1_700_000_000_000_000_001);
        Assert.Equal(TimeSpan.FromSeconds(1.5), clock.GetElapsedTime(start));
        Assert.Equal(new DateTimeOffset(2023, 11, 14, 22, 13, 21, 500, TimeSpan.Zero), clock.GetUtcNow());
    }
}

using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Sessions;

/// <summary>When a peer is pinged, and when it is given up.</summary>
public sealed class PingWatchTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(9_999)]
    [Trait("Requirement", "XMP-02")]
    public void APeerThatAnswersStaysHoweverSoonItAnswersAndHoweverLateTheTimerIs(double milliseconds)
    {
        var watch = new PingWatch(Interval, 3);
        TimeSpan now = TimeSpan.FromHours(1), received = now;
        int pings = 0;
        for (int i = 0; i < 1000; i++)
        {
            now += TimeSpan.FromMilliseconds(1);
            PingDecision decision = watch.Decide(now, received, out TimeSpan next);
            Assert.NotEqual(PingDecision.GiveUp, decision);
            if (decision == PingDecision.Ping)
            {
                pings++;
                received = now + TimeSpan.FromMilliseconds(milliseconds);
            }

            now += next;
        }

        Assert.True(pings > 300);
    }

    [Fact]
    [Trait("Requirement", "XMP-02")]
    public void APeerThatDoesNotAnswerIsGivenUpAfterTheMisses()
    {
        var watch = new PingWatch(Interval, 3);
        TimeSpan start = TimeSpan.FromHours(1), now = start;
        for (int i = 1; i <= 3; i++)
        {
            now += Interval;
            Assert.Equal(PingDecision.Ping, watch.Decide(now, start, out _));
            Assert.Equal(i, watch.Unanswered);
        }

        Assert.Equal(PingDecision.GiveUp, watch.Decide(now + Interval, start, out _));
    }

    [Fact]
    public void APeerThatSaysSomethingByItselfIsNotAsked()
    {
        var watch = new PingWatch(Interval, 3);
        TimeSpan now = TimeSpan.FromHours(1);
        Assert.Equal(PingDecision.Wait, watch.Decide(now, now - TimeSpan.FromSeconds(4), out TimeSpan next));
        Assert.Equal(TimeSpan.FromSeconds(6), next);
    }
}

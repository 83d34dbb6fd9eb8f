using Dataplane.Bgp.Speaker.Rehearsing;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>The rehearsal goes through everything that a load of routes does.</summary>
public class RehearsalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void RoutesArriveEverywhereAndAreGoneInTheEnd() => Assert.True(Rehearsal.Run(Patience));

    [Fact]
    public void WhatWasRehearsedIsNotCompiledAgain()
    {
        Assert.True(Rehearsal.Run(Patience));
        var before = System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true);
        Assert.True(Rehearsal.Run(Patience));
        Assert.InRange(System.Runtime.JitInfo.GetCompiledMethodCount(currentThread: true) - before, 0, 20);
    }

    [Fact]
    public void WithoutPatienceItIsGivenUp() => Assert.False(Rehearsal.Run(TimeSpan.Zero));
}

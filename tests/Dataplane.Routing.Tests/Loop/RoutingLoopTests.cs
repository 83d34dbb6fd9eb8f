using Dataplane.Routing.Loop;

namespace Dataplane.Routing.Tests.Loop;

public sealed class RoutingLoopTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _log = [];

    [Fact]
    public void MessagesRunInTheOrderInWhichTheyWerePosted()
    {
        using var loop = new RoutingLoop(_time);
        loop.Post(() => _log.Add("one"));
        loop.Post(text => _log.Add((string)text!), "two");
        Task<int> three = loop.InvokeAsync(() => 3);
        Assert.Empty(_log);
        Drain(loop);
        Assert.Equal(["one", "two"], _log);
        Assert.True(three.IsCompletedSuccessfully);
        Assert.False(loop.RunTurn());
    }

    [Fact]
    public void TimersExpireOnceWhenTheirTimeHasCome()
    {
        using var loop = new RoutingLoop(_time);
        LoopTimer late = loop.CreateTimer(() => _log.Add("late"));
        LoopTimer early = loop.CreateTimer(() => _log.Add("early"));
        late.Restart(TimeSpan.FromSeconds(3));
        early.Restart(TimeSpan.FromSeconds(1));
        Drain(loop);
        Assert.Empty(_log);
        _time.Advance(TimeSpan.FromSeconds(5));
        Drain(loop);
        Assert.Equal(["early", "late"], _log);
        Assert.False(late.IsRunning);
        _time.Advance(TimeSpan.FromSeconds(5));
        Drain(loop);
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void ATimerPutOffExpiresAtTheLastTimeAndAStoppedOneNever()
    {
        using var loop = new RoutingLoop(_time);
        LoopTimer hold = loop.CreateTimer(() => _log.Add("hold"));
        LoopTimer stopped = loop.CreateTimer(() => _log.Add("stopped"));
        stopped.Restart(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++)
        {
            hold.Restart(TimeSpan.FromSeconds(90));
            _time.Advance(TimeSpan.FromSeconds(0.5));
            stopped.Stop();
            Drain(loop);
        }

        _time.Advance(TimeSpan.FromSeconds(89));
        Drain(loop);
        Assert.Empty(_log);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Drain(loop);
        Assert.Equal(["hold"], _log);
    }

    [Fact]
    public void ATimerRestartedToAnEarlierTimeExpiresThen()
    {
        using var loop = new RoutingLoop(_time);
        LoopTimer timer = loop.CreateTimer(() => _log.Add("expired"));
        timer.Restart(TimeSpan.FromSeconds(90));
        timer.Restart(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(2));
        Drain(loop);
        Assert.Equal(["expired"], _log);
        timer.Restart(TimeSpan.FromSeconds(100));
        _time.Advance(TimeSpan.FromSeconds(99));
        Drain(loop);
        Assert.Single(_log);
        _time.Advance(TimeSpan.FromSeconds(1));
        Drain(loop);
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void ATimerMayRestartItselfWhenItExpires()
    {
        using var loop = new RoutingLoop(_time);
        LoopTimer? timer = null;
        timer = loop.CreateTimer(() =>
        {
            _log.Add("tick");
            timer!.Restart(TimeSpan.FromSeconds(1));
        });
        timer.Restart(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Drain(loop);
        }

        Assert.Equal(10, _log.Count);
    }

    [Fact]
    public void SourcesTakeTurnsAndNoneWaitsForAnotherToFinish()
    {
        using var loop = new RoutingLoop(_time);
        loop.AddWork(new Steps("a", 3, _log));
        loop.AddWork(new Steps("b", 2, _log));
        Drain(loop);
        Assert.Equal(5, _log.Count);
        Assert.Equal(["a", "b"], _log.Take(2).Order());
        Assert.Equal(["a", "b"], _log.Skip(2).Take(2).Order());
        Assert.Equal("a", _log[4]);
    }

    [Fact]
    public void MessagesAndTimersGoBetweenThePiecesOfALongWork()
    {
        using var loop = new RoutingLoop(_time);
        loop.AddWork(new Steps("work", 1000, _log));
        loop.Post(() => _log.Add("message"));
        loop.CreateTimer(() => _log.Add("timer")).Restart(TimeSpan.Zero);
        _ = loop.RunTurn();
        Assert.Equal(["message", "timer", "work"], _log);
        loop.Post(() => _log.Add("next"));
        _ = loop.RunTurn();
        Assert.Equal(["next", "work"], _log.Skip(3));
    }

    [Fact]
    public void AnIdleSourceIsAskedAgainAfterAWake()
    {
        using var loop = new RoutingLoop(_time);
        var source = new Steps("piece", 1, _log);
        loop.AddWork(source);
        Drain(loop);
        source.Left = 2;
        Assert.False(loop.RunTurn());
        Assert.Single(_log);
        loop.Wake();
        Drain(loop);
        Assert.Equal(3, _log.Count);
        loop.RemoveWork(source);
        source.Left = 1;
        loop.Wake();
        Drain(loop);
        Assert.Equal(3, _log.Count);
    }

    [Fact]
    public void WhatACallbackThrowsIsToldAndTheLoopGoesOn()
    {
        using var loop = new RoutingLoop(_time) { Failed = exception => _log.Add(exception.Message) };
        loop.Post(() => throw new InvalidOperationException("message"));
        loop.CreateTimer(() => throw new InvalidOperationException("timer")).Restart(TimeSpan.Zero);
        Task<int> question = loop.InvokeAsync<int>(() => throw new InvalidOperationException("question"));
        loop.Post(() => _log.Add("after"));
        Drain(loop);
        Assert.Equal(["message", "after", "timer"], _log);
        Assert.Equal("question", Assert.Throws<InvalidOperationException>(() => question.GetAwaiter().GetResult()).Message);
    }

    [Fact]
    public void ATurnIsOverWhenItsTimeIs()
    {
        var turn = new WorkTurn(_time, TimeSpan.FromMilliseconds(2));
        Assert.False(turn.IsOver);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.True(turn.IsOver);
    }

    [Fact]
    public async Task OnItsThreadItAnswersFromManyThreadsAndWakesForTimers()
    {
        using var loop = new RoutingLoop();
        var counter = 0;
        loop.Start();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                _ = await loop.InvokeAsync(() =>
                {
                    Assert.True(loop.IsCurrent);
                    return ++counter;
                });
            }
        })));
        Assert.Equal(16_000, await loop.InvokeAsync(() => loop.InvokeAsync(() => counter).Result));
        var expired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await loop.InvokeAsync(() => loop.CreateTimer(expired.SetResult).Restart(TimeSpan.FromMilliseconds(20)));
        await expired.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => loop.InvokeAsync(loop.Stop));
        loop.Stop();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop.InvokeAsync(() => 1));
    }

    private static void Drain(RoutingLoop loop)
    {
        while (loop.RunTurn())
        {
        }
    }

    private sealed class Steps(string name, int count, List<string> log) : IWorkSource
    {
        public int Left { get; set; } = count;

        public bool Work(WorkTurn turn)
        {
            if (Left > 0)
            {
                Left--;
                log.Add(name);
            }

            return Left > 0;
        }
    }
}

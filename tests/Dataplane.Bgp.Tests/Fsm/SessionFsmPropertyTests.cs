using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.Bgp.Tests.Fsm;

/// <summary>Random histories. What must hold after every event is asserted by <see cref="FsmRig"/>.</summary>
public sealed class SessionFsmPropertyTests
{
    private static readonly Config Often = Config.QuickThrowOnFailure.WithMaxTest(400);

    private static readonly NotificationMessage Shutdown = NotificationMessage.WithText(CeaseReason.AdministrativeShutdown, null);

    [Fact]
    [Trait("Requirement", "ARC-11")]
    public void AnySequenceOfEventsKeepsTimersAndConnectionsInOrder() => Prop.ForAll<int, byte[]>((seed, choices) =>
    {
        var random = new Random(seed);
        FsmRig rig = RandomRig(random, seed);
        for (var i = 0; i < choices.Length * 4; i++)
        {
            Step(rig, random);
        }

        rig.Do(SessionEvent.ManualStop(Shutdown));
        Assert.Empty(rig.Timers);
        Assert.Empty(rig.Connections);
    }).Check(Often);

    [Fact]
    [Trait("Requirement", "ARC-11")]
    public void TwoMachinesAlwaysEndInOneSession() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var network = new SimulatedNetwork(seed, random.Next(3) switch { 0 => 0.001, 1 => 0.1, _ => 1.5 });
        PeerTimerSettings timers = new()
        {
            HoldTime = TimeSpan.FromSeconds(random.Next(4) switch { 0 => 0, 1 => 9, _ => 30 }),
            DelayOpen = TimeSpan.FromSeconds(random.Next(4) == 0 ? 2 : 0),
            MaximumIdleHold = TimeSpan.FromSeconds(20),
        };
        var onePassive = random.Next(4) == 0;
        var id = random.Next(3) == 0 ? FsmRig.LocalId : FsmRig.RemoteId;
        GracefulRestartMode graceful = random.Next(2) == 0 ? GracefulRestartMode.Disabled : GracefulRestartMode.Full;
        var one = new FsmRig(
            FsmRig.DefaultPeer with { Timers = timers, GracefulRestart = graceful, Transport = new() { Passive = onePassive } }, seed: seed);
        var other = new FsmRig(
            FsmRig.DefaultPeer with { As = FsmRig.LocalAs, Timers = timers, GracefulRestart = graceful, Address = IpAddress.Parse("10.0.0.1") },
            new() { As = FsmRig.RemoteAs, RouterId = id },
            seed: seed + 1);
        network.Join(one, other);

        network.IsBad = true;
        network.At(random.NextDouble(), () => network.One.Do(SessionEvent.AutomaticStart));
        network.At(random.NextDouble(), () => network.Other.Do(SessionEvent.AutomaticStart));
        for (var i = 0; i < random.Next(6); i++)
        {
            SimulatedNode node = random.Next(2) == 0 ? network.One : network.Other;
            var at = 100 * random.NextDouble();
            network.At(at, () => node.Do(SessionEvent.ManualStop(Shutdown)));
            network.At(at + (5 * random.NextDouble()), () => node.Do(SessionEvent.ManualStart));
        }

        network.RunUntil(120);
        network.IsBad = false;
        network.One.Do(SessionEvent.ManualStart);
        network.Other.Do(SessionEvent.ManualStart);
        network.RunUntil(1000);

        Assert.True(
            (one.Fsm.State, other.Fsm.State) == (SessionState.Established, SessionState.Established),
            network.History);
        SimulatedEnd end = Assert.Single(network.One.Ends);
        SimulatedEnd far = Assert.Single(network.Other.Ends);
        Assert.Same(far, end.Far);
        Assert.Equal(one.Fsm.Connection, end.Id);
        Assert.Equal(other.Fsm.Connection, far.Id);
        var sessions = (network.One.Sessions, network.Other.Sessions);

        network.RunUntil(5000);
        Assert.Equal(sessions, (network.One.Sessions, network.Other.Sessions));
        Assert.Equal(SessionState.Established, one.Fsm.State);

        network.One.Do(SessionEvent.ManualStop(Shutdown));
        network.Other.Do(SessionEvent.ManualStop(Shutdown));
        network.RunUntil(6000);
        Assert.Empty(one.Timers);
        Assert.Empty(other.Timers);
        Assert.Empty(network.One.Ends);
        Assert.Empty(network.Other.Ends);
    }).Check(Often);

    /// <summary>However the messages of the two connections cross, one is left: nobody waits for ConnectRetryTimer, and no session ends.</summary>
    [Fact]
    public void SimultaneousStartNeedsNoSecondAttempt() => Prop.ForAll<int>(seed =>
    {
        var network = new SimulatedNetwork(seed, 0.05);
        var one = new FsmRig(seed: seed);
        var other = new FsmRig(
            FsmRig.DefaultPeer with { As = FsmRig.LocalAs }, new() { As = FsmRig.RemoteAs, RouterId = FsmRig.RemoteId }, seed: seed + 1);
        network.Join(one, other);
        network.At(0, () => network.One.Do(SessionEvent.ManualStart));
        network.At(0, () => network.Other.Do(SessionEvent.ManualStart));
        network.RunUntil(1);
        Assert.True((one.Fsm.State, other.Fsm.State) == (SessionState.Established, SessionState.Established), network.History);
        Assert.True((network.One.Sessions, network.Other.Sessions) == (1, 1), network.History);
        Assert.Same(Assert.Single(network.One.Ends).Far, Assert.Single(network.Other.Ends));
    }).Check(Often.WithMaxTest(5000));

    private static FsmRig RandomRig(Random random, int seed)
    {
        var peer = FsmRig.DefaultPeer with
        {
            Transport = new() { Passive = random.Next(3) == 0 },
            GracefulRestart = random.Next(2) == 0 ? GracefulRestartMode.Disabled : GracefulRestartMode.Full,
            Timers = new() { DelayOpen = TimeSpan.FromSeconds(random.Next(3) == 0 ? 1 : 0) },
        };
        var rig = new FsmRig(peer, seed: seed);
        if (random.Next(2) == 0)
        {
            rig.RemoteOpen = rig.RemoteOpen with
            {
                RouterId = FsmRig.LocalId - 1,
                Capabilities = rig.RemoteOpen.Capabilities with { GracefulRestart = new() { Families = rig.RemoteOpen.Capabilities.Families, Notifications = true } },
            };
        }

        return rig;
    }

    private static void Step(FsmRig rig, Random random)
    {
        ConnectionId[] connections = [.. rig.Connections.Keys];
        ConnectionId id = connections.Length > 0 ? connections[random.Next(connections.Length)] : new(random.Next(1, 5));
        var isUp = rig.Connections.GetValueOrDefault(id);
        switch (random.Next(14))
        {
            case 0:
                rig.Do(random.Next(2) == 0 ? SessionEvent.ManualStart : SessionEvent.AutomaticStart);
                break;
            case 1:
                rig.Do(SessionEvent.ManualStop(Shutdown));
                break;
            case 2:
                rig.Do(SessionEvent.AutomaticStop(Shutdown, random.Next(3) switch { 0 => null, 1 => TimeSpan.Zero, _ => TimeSpan.FromSeconds(3) }));
                break;
            case 3 or 4:
                rig.Accept();
                break;
            case 5 when rig.Connections.ContainsValue(false):
                rig.Connect();
                break;
            case 6 or 7 when isUp:
                rig.Do(SessionEvent.Open(id, random.Next(8) == 0 ? rig.RemoteOpen with { As = new(9) } : rig.RemoteOpen));
                break;
            case 8 or 9 when isUp:
                rig.Do(SessionEvent.Keepalive(id));
                break;
            case 10 when isUp:
                rig.Do(random.Next(3) switch { 0 => SessionEvent.RouteRefresh(id), _ => SessionEvent.Update(id) });
                break;
            case 11 when connections.Length > 0:
                if (random.Next(2) == 0)
                {
                    rig.Do(SessionEvent.Notification(id, NotificationMessage.Of((CeaseReason)random.Next(1, 10))));
                }
                else
                {
                    Fail(rig, id);
                }

                break;
            case 12 when isUp:
                rig.Do(SessionEvent.MessageError(id, NotificationMessage.Of(UpdateError.MalformedAttributeList)));
                break;
            case 13 when rig.Timers.Count > 0:
                SessionTimer timer = rig.Timers.Keys.ElementAt(random.Next(rig.Timers.Count));
                rig.Expire(timer.Kind, timer.Connection, hasSent: random.Next(2) == 0);
                break;
        }
    }

    private static void Fail(FsmRig rig, ConnectionId id) => rig.Do(SessionEvent.ConnectionFailed(id));
}

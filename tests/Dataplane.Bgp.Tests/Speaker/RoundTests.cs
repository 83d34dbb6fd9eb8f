using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Speaker;
using Dataplane.Bgp.Wire;
using Dataplane.Fuzz.Rig;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>
/// What is sent while more is there to be received. All of the input waits before the speaker under test has its first turn, and time stands still
/// unless a test moves it: what comes first follows from the order of the work alone.
/// </summary>
[Trait("Requirement", "SCL-06")]
public sealed class RoundTests
{
    private const int RoutesEach = 15_000;

    private readonly TestNet _net = new();
    private readonly TestNode _speaker;
    private readonly TestNode _one;
    private readonly TestNode _two;
    private readonly TestNode _receiver;
    private readonly Dictionary<TestNode, long> _lost;

    public RoundTests()
    {
        _speaker = _net.Add("10.0.0.9", 65000, settings => settings with { Peers = [.. new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3" }.Select(Client)] });
        _one = _net.Add("10.0.0.1", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        _two = _net.Add("10.0.0.2", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        _receiver = _net.Add("10.0.0.3", 65000, settings => settings with { Peers = [Client("10.0.0.9")] });
        _net.Nodes.ForEach(node => node.Start());
        _net.UntilEstablished();
        _net.Until(() => _speaker.Of(_receiver).Families[0].EndOfRib.Sent, "End-of-RIB");
        _net.Quiet();
        _lost = _net.Nodes.Where(node => node != _speaker).ToDictionary(node => node, OnTheWay);
    }

    [Fact]
    public void RoutesOfEachPeerLeaveBeforeTheInputOfAnotherEnds()
    {
        Load(_one, 1);
        Load(_two, 2);
        TurnsUntil(() => Advertised > 0);
        Assert.InRange(Table.PathCount, 1, RoutesEach);
        TurnsUntil(() => Received(_one) > 0 && Received(_two) > 0);
        Assert.InRange(Received(_one), 1, RoutesEach - 1);
        Assert.InRange(Received(_two), 1, RoutesEach - 1);

        // And so on: what is held back is a round and what peers are read at once, never all of it.
        var most = 0L;
        TurnsUntil(() =>
        {
            most = Math.Max(most, Table.PathCount - Advertised);
            return Advertised == 2 * RoutesEach;
        });
        Assert.InRange(most, 1, RoutesEach);
        _net.Until(() => _receiver.From(_speaker).Count == 2 * RoutesEach, "everything");
    }

    [Fact]
    public void ARouteThatChangesOverAndOverIsSentOnceWhileTimeStandsStill()
    {
        const uint Changes = 400;
        (long received, _) = Updates(_one);
        (_, long sent) = Updates(_receiver);
        Flap(Changes);
        _net.Until(() => _receiver.From(_speaker).SetEquals([$"65000:1 10.1.0.0/24 {Changes}"]), "the last of it");
        Assert.Equal(Changes, Updates(_one).Received - received);
        Assert.Equal(1, Updates(_receiver).Sent - sent);
    }

    [Fact]
    public void AChangeDoesNotWaitForTheEndOfInputWhenTimePasses()
    {
        const uint Changes = 400;
        Flap(Changes);
        (_, long sent) = Updates(_receiver);
        _speaker.Speaker.Observers.Add(new Clock(_net.Time));
        TurnsUntil(() => Updates(_one).Received >= Changes / 2 && Table.IsSettled && Updates(_receiver).Sent > sent);
        _net.Until(() => _receiver.From(_speaker).SetEquals([$"65000:1 10.1.0.0/24 {Changes}"]), "the last of it");

        // A millisecond passes with each message, so some twenty rounds: more than at the end only, far less than changes.
        Assert.InRange(Updates(_receiver).Sent - sent, 5, Changes / 4);
    }

    [Fact]
    [Trait("Requirement", "MGT-09")]
    public void ChangesOfOurOwnAreTimedUntilTheRoundThatTheyGoOutWith()
    {
        var times = new PropagationHistogram();
        var start = _net.Time.GetTimestamp();
        _speaker.Speaker.TimeOwnChange(times, start);
        _speaker.Speaker.TimeOwnChange(times, start + 1);
        _net.Time.Advance(TimeSpan.FromMilliseconds(3));
        _speaker.Originate("65000:9", "10.9.0.0/24", 5, "65000:1");
        _net.Until(() => _receiver.From(_speaker).Count == 1, "the route");
        Assert.Equal((1ul, 0.003), (times.Read().Counts[PropagationHistogram.Bounds.Index().First(static end => end.Item == 0.005).Index], times.Read().Seconds));

        // One that nobody needs to hear of does not wait for the next that somebody does.
        _speaker.Speaker.TimeOwnChange(times, _net.Time.GetTimestamp());
        _speaker.Loop.Wake();
        _net.Advance(TimeSpan.FromSeconds(1));
        _speaker.Originate("65000:9", "10.9.1.0/24", 6, "65000:1");
        _net.Until(() => _receiver.From(_speaker).Count == 2, "another route");
        Assert.Equal(1, times.Read().Counts.Sum(static count => (long)count));
    }

    private FamilyTable Table => _speaker.Routes[RouteFamily.VpnIpv4];

    private long Advertised => _speaker.Of(_receiver).Families[0].Advertised;

    private int Received(TestNode from) => Table.PathCountOf(_speaker.Of(from).Source);

    private (long Received, long Sent) Updates(TestNode peer) => _speaker.Of(peer).Messages[MessageType.Update];

    private void TurnsUntil(Func<bool> isSo)
    {
        for (var turns = 0; !isSo(); turns++)
        {
            Assert.InRange(turns, 0, 100_000);
            _ = _speaker.Loop.RunTurn();
        }
    }

    /// <summary>Has a peer announce one route again and again, each time with another label, until all of it waits at the speaker under test.</summary>
    private void Flap(uint changes)
    {
        for (uint change = 1; change <= changes; change++)
        {
            _one.Originate("65000:1", "10.1.0.0/24", change, "65000:1");
            while (_one.Loop.RunTurn())
            {
            }
        }

        UntilThere(_one);
    }

    /// <summary>Has a node send routes until all of them wait at the speaker under test, which has no turn meanwhile.</summary>
    private void Load(TestNode node, uint number, int routes = RoutesEach)
    {
        for (var i = 0; i < routes; i++)
        {
            node.Originate($"65000:{number}", $"10.{i >> 8}.{i & 255}.0/24", number, "65000:1");
        }

        while (node.Loop.RunTurn())
        {
        }

        UntilThere(node);
        Assert.Equal(routes, node.Of(_speaker).Families[0].Advertised);
    }

    private void UntilThere(TestNode node) => SpinUntil(
        () => node.Of(_speaker).QueuedOctets == 0 && OnTheWay(node) == _lost[node]);

    // Connections that lost a collision have taken octets with them.
    private long OnTheWay(TestNode node) => node.Of(_speaker).Octets.Sent - _speaker.Of(node).Octets.Received;

    private static void SpinUntil(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, TimeSpan.FromSeconds(30)));

    private static PeerSettings Client(string address) => new()
    {
        Address = IpAddress.Parse(address),
        As = new(65000),
        Families = [RouteFamily.VpnIpv4],
        RouteReflectorClient = address != "10.0.0.9",
        Timers = new() { HoldTime = TimeSpan.Zero },
        Transport = new() { ReceiveQueueBytes = 1 << 30 }, // everything waits in front of the loop, nothing at the sender
    };

    /// <summary>Has a millisecond pass with each message.</summary>
    private sealed class Clock(VirtualTime time) : ISpeakerObserver
    {
        public SpeakerInterest Interest => SpeakerInterest.Received;

        public void MessageReceived(IPeerView peer, MessageType type, ReadOnlySpan<byte> message) => time.Advance(TimeSpan.FromMilliseconds(1));
    }
}

using Dataplane.Net;
using FsCheck;
using FsCheck.Fluent;

namespace Dataplane.SlowPath.Tests.Vrrp;

/// <summary>
/// Two to five routers on a link that loses, delays and repeats advertisements, in virtual time: whatever happened, once messages get
/// through there is one master, the right one, and it was never long without.
/// </summary>
public sealed class VrrpElectionPropertyTests
{
    private const int Runs = 100;

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void Once_messages_get_through_the_best_router_is_the_only_master() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(), seed =>
        {
            var link = new Link(new Random(seed));
            link.Run(seconds: 60, loss: 0.4, disturb: true);
            // A router that was shut down at the very end may have left the others their whole patience.
            link.Run(seconds: 12, loss: 0, disturb: false);
            var masters = link.Masters();
            Assert.Equal([link.Best()], masters);
            link.Run(seconds: 30, loss: 0, disturb: false, each: () => Assert.Equal([link.Best()], link.Masters()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void A_master_that_dies_is_replaced_within_three_intervals_and_the_skew() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(), seed =>
        {
            var link = new Link(new Random(seed));
            link.Run(seconds: 12, loss: 0, disturb: false);
            var before = link.Best();
            var next = link.Kill(before);
            TimeSpan died = link.Now;
            TimeSpan? replaced = null;
            link.Run(seconds: 5, loss: 0, disturb: false, each: () =>
            {
                if (replaced is null && link.Masters().Length != 0)
                    replaced = link.Now;
            });
            Assert.NotNull(replaced);
            Assert.InRange(replaced.Value - died, TimeSpan.Zero, link.MasterDown(next) + Link.LongestDelay);
            Assert.Equal([next], link.Masters());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    [Fact]
    [Trait("Requirement", "EXT-10")]
    public void There_are_two_masters_for_no_longer_than_a_message_takes() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(), seed =>
        {
            var link = new Link(new Random(seed));
            link.Run(seconds: 20, loss: 1, disturb: false);
            Assert.Equal(link.Count, link.Masters().Length);

            // Each of them believes to be alone until the first advertisement of a better one arrives.
            link.Run(seconds: link.LongestInterval + 2 * Link.LongestDelay.TotalSeconds, loss: 0, disturb: false);
            Assert.Equal([link.Best()], link.Masters());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));

    private sealed class Link
    {
        public static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(5);
        private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);
        private readonly Random _random;
        private readonly Router[] _routers;
        private readonly PriorityQueue<(int To, byte Priority, int Interval, IpAddress Source), TimeSpan> _flying = new();

        public Link(Random random)
        {
            _random = random;
            int interval = random.Next(10, 101);
            int count = random.Next(2, 6);
            _routers = [.. Enumerable.Range(0, count).Select(index => new Router(VrrpMachineTests.Settings(
                (byte)random.Next(1, 255), $"192.0.2.{index + 1}") with
            { Interval = interval }))];
            for (int i = 0; i < count; i++)
                Do(i, _routers[i].Machine.Start(Now));
        }

        public TimeSpan Now { get; private set; }

        public int Count => _routers.Length;

        public double LongestInterval => _routers[0].Settings.Interval / 100.0;

        public int[] Masters() => [.. _routers.Index().Where(row => row.Item.Machine.State == VrrpState.Master).Select(row => row.Index)];

        public int Best() => _routers.Index().Where(row => row.Item.Machine.State != VrrpState.Initialize)
            .OrderByDescending(row => row.Item.Settings.Priority).ThenByDescending(row => row.Item.Settings.Address).First().Index;

        public TimeSpan MasterDown(int router) => _routers[router].Machine.MasterDownInterval;

        // Dies without a word; who is to follow.
        public int Kill(int router)
        {
            _ = _routers[router].Machine.Stop();
            return Best();
        }

        public void Run(double seconds, double loss, bool disturb, Action? each = null)
        {
            TimeSpan end = Now + TimeSpan.FromSeconds(seconds);
            while (Now < end)
            {
                Now += s_step;
                while (_flying.TryPeek(out var message, out TimeSpan arrives) && arrives <= Now)
                {
                    _ = _flying.Dequeue();
                    if (_random.NextDouble() >= loss)
                        Do(message.To, _routers[message.To].Machine.Receive(Now, message.Priority, message.Interval, message.Source));
                }
                for (int i = 0; i < _routers.Length; i++)
                {
                    Do(i, _routers[i].Machine.Advance(Now));
                    if (disturb && _random.Next(4000) == 0)
                        Disturb(i);
                }
                each?.Invoke();
            }
            for (int i = 0; disturb && i < _routers.Length; i++)
                Do(i, _routers[i].Machine.Start(Now));
        }

        private void Disturb(int router)
        {
            VrrpMachine machine = _routers[router].Machine;
            if (machine.State == VrrpState.Initialize)
                Do(router, machine.Start(Now));
            else if (_random.Next(2) == 0)
                Do(router, machine.Stop());
            else
                _ = machine.Stop(); // dies without a word
        }

        private void Do(int router, VrrpActions actions)
        {
            if ((actions & VrrpActions.Advertise) != 0)
                Send(router, _routers[router].Settings.Priority);
            if ((actions & VrrpActions.Resign) != 0)
                Send(router, 0);
        }

        private void Send(int router, byte priority)
        {
            VrrpSettings settings = _routers[router].Settings;
            for (int to = 0; to < _routers.Length; to++)
            {
                TimeSpan arrives = Now + s_step + (LongestDelay - s_step) * _random.NextDouble();
                if (to != router)
                    _flying.Enqueue((to, priority, settings.Interval, settings.Address), arrives);
            }
        }
    }

    private sealed class Router(VrrpSettings settings)
    {
        public VrrpSettings Settings { get; } = settings;

        public VrrpMachine Machine { get; } = new(settings);
    }
}

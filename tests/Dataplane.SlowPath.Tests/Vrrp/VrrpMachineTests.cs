using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.SlowPath.Tests.Vrrp;

/// <summary>The transitions of RFC 9568 section 6.4, one by one.</summary>
public sealed class VrrpMachineTests
{
    private static readonly IpAddress s_lower = IpAddress.Parse("192.0.2.1");
    private static readonly IpAddress s_higher = IpAddress.Parse("192.0.2.9");

    [Fact]
    public void The_owner_is_master_at_once()
    {
        var machine = Machine(priority: 255);
        Assert.Equal(VrrpActions.Advertise | VrrpActions.BecomeMaster, machine.Start(At(0)));
        Assert.Equal(VrrpState.Master, machine.State);
        Assert.Equal(At(1), machine.Deadline);
    }

    [Theory]
    [InlineData(100, 3609.375)]
    [InlineData(254, 3007.8125)]
    [InlineData(128, 3500)]
    public void A_backup_waits_three_intervals_and_its_skew(byte priority, double milliseconds)
    {
        var machine = Machine(priority);
        Assert.Equal(VrrpActions.None, machine.Start(At(0)));
        var due = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(due, machine.Deadline);
        Assert.Equal(VrrpActions.None, machine.Advance(due - TimeSpan.FromTicks(1)));
        Assert.Equal(VrrpState.Backup, machine.State);
        Assert.Equal(VrrpActions.Advertise | VrrpActions.BecomeMaster, machine.Advance(due));
        Assert.Equal(due + At(1), machine.Deadline);
        Assert.Equal(VrrpActions.Advertise, machine.Advance(due + At(1)));
    }

    [Fact]
    public void A_backup_follows_the_masters_interval()
    {
        var machine = Machine(100);
        _ = machine.Start(At(0));
        _ = machine.Receive(At(0.5), priority: 100, interval: 20, s_lower);
        Assert.Equal(s_lower, machine.Master);
        Assert.Equal(TimeSpan.FromMilliseconds(200), machine.MasterInterval);
        Assert.Equal(At(0.5) + TimeSpan.FromMilliseconds(600 + 200 * 156 / 256.0), machine.Deadline);
    }

    [Fact]
    public void A_lower_master_is_preempted_when_its_time_has_passed()
    {
        var machine = Machine(100);
        _ = machine.Start(At(0));
        var due = machine.Deadline;
        _ = machine.Receive(At(1), priority: 99, interval: 100, s_higher);
        Assert.Equal(due, machine.Deadline);
    }

    [Fact]
    public void A_lower_master_stays_without_preemption_and_within_its_delay()
    {
        var machine = new VrrpMachine(Settings(100) with { Preempts = false });
        _ = machine.Start(At(0));
        _ = machine.Receive(At(1), priority: 99, interval: 100, s_higher);
        Assert.Equal(At(1) + machine.MasterDownInterval, machine.Deadline);

        machine = new VrrpMachine(Settings(100) with { PreemptDelay = At(10) });
        _ = machine.Start(At(0));
        for (int second = 1; second < 10; second++)
            _ = machine.Receive(At(second), priority: 99, interval: 100, s_higher);
        var due = At(9) + machine.MasterDownInterval;
        Assert.Equal(due, machine.Deadline);
        _ = machine.Receive(At(10), priority: 99, interval: 100, s_higher);
        Assert.Equal(due, machine.Deadline);

        // One that falls silent is replaced whatever is configured.
        Assert.True(machine.Advance(due).HasFlag(VrrpActions.BecomeMaster));
    }

    [Fact]
    public void A_master_that_resigns_is_replaced_after_the_skew()
    {
        var machine = Machine(100);
        _ = machine.Start(At(0));
        _ = machine.Receive(At(1), priority: 200, interval: 100, s_lower);
        _ = machine.Receive(At(2), priority: 0, interval: 100, s_lower);
        Assert.Null(machine.Master);
        Assert.Equal(At(2) + TimeSpan.FromSeconds(156 / 256.0), machine.Deadline);
    }

    [Theory]
    [InlineData(101, "192.0.2.1", false)]
    [InlineData(100, "192.0.2.9", false)]
    [InlineData(100, "192.0.2.1", true)]
    [InlineData(99, "192.0.2.9", true)]
    [InlineData(0, "192.0.2.9", true)]
    public void A_master_gives_way_to_the_better_one_and_contradicts_others(byte priority, string source, bool stays)
    {
        var machine = Machine(100);
        _ = machine.Start(At(0));
        _ = machine.Advance(At(4));
        var actions = machine.Receive(At(4.5), priority, interval: 100, IpAddress.Parse(source));
        Assert.Equal(stays ? VrrpActions.Advertise : VrrpActions.CeaseMaster, actions);
        Assert.Equal(stays ? VrrpState.Master : VrrpState.Backup, machine.State);
        Assert.Equal(stays ? At(5.5) : At(4.5) + machine.MasterDownInterval, machine.Deadline);
    }

    [Fact]
    public void A_master_that_is_shut_down_resigns_and_a_backup_says_nothing()
    {
        var machine = Machine(100);
        _ = machine.Start(At(0));
        Assert.Equal(VrrpActions.None, machine.Stop());
        Assert.Equal(VrrpState.Initialize, machine.State);
        Assert.Null(machine.Deadline);
        _ = machine.Start(At(0));
        _ = machine.Advance(At(4));
        Assert.Equal(VrrpActions.Resign | VrrpActions.CeaseMaster, machine.Stop());
        Assert.Equal(VrrpActions.None, machine.Receive(At(5), 1, 100, s_lower));
        Assert.Equal(VrrpState.Initialize, machine.State);
    }

    internal static VrrpSettings Settings(byte priority, string address = "192.0.2.5") => new()
    {
        Port = new PortId(1),
        VirtualRouterId = 1,
        Priority = priority,
        Address = IpAddress.Parse(address),
        VirtualAddress = IpAddress.Parse("169.254.0.1"),
    };

    private static VrrpMachine Machine(byte priority) => new(Settings(priority));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}

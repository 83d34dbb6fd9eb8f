namespace Dataplane.Forwarding.Tests.Memory;

public sealed unsafe class EpochReclaimerTests
{
    [Fact]
    public void A_block_is_freed_at_once_when_every_reader_is_quiescent()
    {
        using var epochs = new EpochFixture(3);
        var owner = new RecordingOwner();
        epochs.Reclaimer.Retire((void*)0x1000, owner, 48);
        Assert.Equal(1, epochs.Reclaimer.Pending);
        Assert.Equal(1, epochs.Reclaimer.Reclaim());
        Assert.Equal([(0x1000, 48)], owner.Released);
        Assert.Equal(0, epochs.Reclaimer.Pending);
    }

    [Fact]
    public void A_block_waits_for_a_reader_that_was_inside_when_it_was_retired()
    {
        using var epochs = new EpochFixture(2);
        var owner = new RecordingOwner();
        epochs.Announce(0);
        epochs.Reclaimer.Retire((void*)0x1000, owner, 16);
        Assert.Equal(0, epochs.Reclaimer.Reclaim());
        Assert.Empty(owner.Released);
        epochs.Announce(0);
        Assert.Equal(1, epochs.Reclaimer.Reclaim());
    }

    [Fact]
    public void The_slowest_reader_decides()
    {
        using var epochs = new EpochFixture(3);
        var owner = new RecordingOwner();
        epochs.Announce(0);
        epochs.Announce(1);
        epochs.Announce(2);
        epochs.Reclaimer.Retire((void*)0x1000, owner, 16);
        Assert.Equal(0, epochs.Reclaimer.Reclaim());
        epochs.Announce(0);
        epochs.Announce(2);
        Assert.Equal(0, epochs.Reclaimer.Reclaim());
        epochs.Leave(1);
        Assert.Equal(1, epochs.Reclaimer.Reclaim());
    }

    [Fact]
    public void Only_blocks_retired_before_a_readers_announcement_are_freed()
    {
        using var epochs = new EpochFixture(1);
        var owner = new RecordingOwner();
        epochs.Announce(0);
        epochs.Reclaimer.Retire((void*)0x1000, owner, 16);
        Assert.Equal(0, epochs.Reclaimer.Reclaim());
        epochs.Announce(0);
        epochs.Reclaimer.Retire((void*)0x2000, owner, 16);
        Assert.Equal(1, epochs.Reclaimer.Reclaim());
        Assert.Equal([(0x1000, 16)], owner.Released);
        Assert.Equal(1, epochs.Reclaimer.Pending);
    }

    /// <summary>Each advance costs every worker a cache miss: not with each of a million changes per second.</summary>
    [Fact]
    public void The_epoch_advances_when_blocks_are_reclaimed_and_null_is_no_block()
    {
        using var epochs = new EpochFixture(1);
        ulong before = epochs.Global;
        epochs.Reclaimer.Retire(null, new RecordingOwner(), 16);
        epochs.Reclaimer.Reclaim();
        Assert.Equal(before, epochs.Global);
        epochs.Reclaimer.Retire((void*)0x1000, new RecordingOwner(), 16);
        epochs.Reclaimer.Retire((void*)0x2000, new RecordingOwner(), 16);
        Assert.Equal(before, epochs.Global);
        epochs.Reclaimer.Reclaim();
        Assert.Equal(before + 1, epochs.Global);
    }

    [Fact]
    public void Retiring_reclaims_by_itself_now_and_then()
    {
        using var epochs = new EpochFixture(1);
        var owner = new RecordingOwner();
        for (int i = 1; i <= 10_000; i++)
        {
            epochs.Reclaimer.Retire((void*)(i * 16), owner, 16);
            Assert.InRange(epochs.Reclaimer.Pending, 0, 128);
        }
    }

    [Fact]
    public void Blocks_come_back_in_the_order_they_were_retired()
    {
        using var epochs = new EpochFixture(1);
        var owner = new RecordingOwner();
        epochs.Announce(0);
        for (int i = 1; i <= 500; i++)
            epochs.Reclaimer.Retire((void*)(i * 16), owner, i);
        Assert.Empty(owner.Released);
        epochs.Leave(0);
        epochs.Reclaimer.Reclaim();
        Assert.Equal(Enumerable.Range(1, 500), owner.Released.Select(released => released.Size));
    }
}

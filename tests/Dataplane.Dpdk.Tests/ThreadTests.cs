namespace Dataplane.Dpdk.Tests;

[Collection(EalCollection.Name)]
public sealed unsafe class ThreadTests(EalFixture fixture)
{
    [Fact]
    public void Starting_EAL_leaves_the_starting_thread_where_it_was() =>
        Assert.Equal(fixture.AffinityBefore, fixture.AffinityAfter);

    [Fact]
    public void A_managed_thread_registers_and_allocates_from_a_cache_of_its_own()
    {
        using Mempool pool = Mempool.Create(EalFixture.Unique("pool"), new MempoolOptions { Count = 255, CacheSize = 32 });
        Exception? failure = null;
        Thread worker = new(() => failure = Record.Exception(() => Work(pool)));
        worker.Start();
        worker.Join();
        Assert.Null(failure);
        Assert.Null(Eal.LcoreId);
        Assert.Equal(pool.Capacity, pool.Available);
    }

    private static void Work(Mempool pool)
    {
        FastCalls* calls = FastCalls.Native;
        int cpu = AllowedCpus.Read()[^1];
        Assert.Null(Eal.LcoreId);
        Assert.Equal(0, calls->PinToCpu(cpu));
        Assert.Equal(cpu.ToString(), EalFixture.Affinity());
        Assert.Equal(0, calls->ThreadRegister());
        Assert.NotNull(Eal.LcoreId);
        nint[] packets = new nint[16];
        for (int i = 0; i < 100; i++)
        {
            pool.Allocate(packets);
            Mempool.Free(packets);
        }
        calls->ThreadUnregister();
        Assert.Null(Eal.LcoreId);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1023)]
    [InlineData(1 << 20)]
    public void A_CPU_that_is_not_there_is_refused(int cpu) =>
        Assert.Equal(-Errno.Invalid, FastCalls.Native->PinToCpu(cpu));

    [Fact]
    public void Sleeping_lets_the_clock_go_on()
    {
        FastCalls* calls = FastCalls.Native;
        ulong before = calls->Tsc();
        calls->SleepMicroseconds(2000);
        Assert.True(calls->Tsc() - before >= fixture.Eal.TscHz / 500);
    }
}

namespace Dataplane.Dpdk.Tests;

/// <summary>Affinity is the process's: the test puts back what it found, and no test that pins runs beside it.</summary>
[Collection(EalCollection.Name)]
public sealed class HostThreadsTests
{
    [Fact]
    public void Every_thread_leaves_the_given_cpu_and_children_inherit_that()
    {
        IReadOnlyList<int> before = AllowedCpus.Read();
        if (before.Count < 2)
        {
            Assert.Empty(HostThreads.KeepOff(before));
            return;
        }
        int taken = before[^1];
        try
        {
            IReadOnlyList<int> rest = HostThreads.KeepOff([taken]);
            Assert.Equal(before.Where(cpu => cpu != taken), rest);
            string child = "";
            var thread = new Thread(() => child = Allowed("/proc/thread-self/status"));
            thread.Start();
            thread.Join();
            Assert.DoesNotContain(taken, AllowedCpus.Parse(child));
            Assert.DoesNotContain(taken, AllowedCpus.Parse(Allowed("/proc/self/status")));
        }
        finally
        {
            HostThreads.Allow(before);
        }
        Assert.Equal(before, AllowedCpus.Read());
    }

    [Fact]
    public void Nothing_is_done_when_no_cpu_would_be_left()
    {
        IReadOnlyList<int> before = AllowedCpus.Read();
        Assert.Empty(HostThreads.KeepOff(before));
        Assert.Equal(before, AllowedCpus.Read());
    }

    private static string Allowed(string status) =>
        File.ReadLines(status).First(static line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();
}

using System.Diagnostics;
using Dataplane.Dpdk;
using Dataplane.Forwarding.Layout;
using Dataplane.Forwarding.Workers;
using Dataplane.Rig.Measuring;

namespace Dataplane.Rig.Contenders;

/// <summary>
/// Our datapath: workers are started, warm up, are measured and are stopped, so that the next contender has the devices.
/// </summary>
/// <param name="name">Its column.</param>
/// <param name="datapath">The datapath.</param>
/// <param name="runtime">Where workers live.</param>
/// <param name="rx">Device to receive from.</param>
/// <param name="tx">Device to send to.</param>
/// <param name="cpus">A worker for each, worker i on queue i.</param>
/// <param name="meanwhile">What the control thread does for so many seconds; null: it sleeps.</param>
internal sealed class Product(
    string name, ProductDatapath datapath, IWorkerRuntime runtime, EthernetPort rx, EthernetPort tx, IReadOnlyList<int> cpus,
    Action<double>? meanwhile = null) : IContender
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.15);

    public string Name => name;

    public Window Measure(double seconds)
    {
        datapath.Connect(rx, tx);
        var workers = new List<RunningWorker>();
        try
        {
            for (int queue = 0; queue < cpus.Count; queue++)
                workers.Add(new RunningWorker(runtime, datapath.CreateWorker(cpus[queue], (ushort)queue)));
            Thread.Sleep(WarmUp);
            return Measure(workers, () => (meanwhile ?? Sleep)(seconds));
        }
        finally
        {
            workers.ForEach(static worker => worker.Dispose());
        }
    }

    private static void Sleep(double seconds) => Thread.Sleep(TimeSpan.FromSeconds(seconds));

    /// <summary>Rate of running workers while something happens on the calling thread.</summary>
    internal static Window Measure(IReadOnlyList<RunningWorker> workers, Action meanwhile)
    {
        Ledger[] before = new Ledger[workers.Count];
        long[] waited = new long[workers.Count];
        double sent = 0;
        double worstWait = 0;
        for (int i = 0; i < workers.Count; i++)
        {
            waited[i] = Threads.WaitedNanoseconds(workers[i].ThreadId);
            before[i] = workers[i].Received;
        }
        long start = Stopwatch.GetTimestamp();
        meanwhile();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int i = 0; i < workers.Count; i++)
        {
            Ledger after = workers[i].Received;
            if (after.Dropped != 0 || after.Punted != 0)
                throw new InvalidOperationException($"the datapath dropped {after.Dropped} and punted {after.Punted} of {after.Rx} packets");
            sent += after.Tx - before[i].Tx;
        }
        for (int i = 0; i < workers.Count; i++)
            worstWait = Math.Max(worstWait, (Threads.WaitedNanoseconds(workers[i].ThreadId) - waited[i]) / (elapsed * 1e9));
        return new Window(sent / elapsed, worstWait);
    }
}

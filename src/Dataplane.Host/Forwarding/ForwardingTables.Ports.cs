using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Forwarding;

/// <content>Ports that come and go while workers run. Thread that writes the datapath.</content>
internal sealed partial class ForwardingTables
{
    /// <summary>The port of a name; null when there is none.</summary>
    public LivePort? FindPort(string name) => Array.Find(_ports, port => port.Settings.Name == name);

    /// <summary>Adds a port whose device runs, and deals its receive queues out to the workers that have the fewest.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="device">Its device.</param>
    /// <param name="queues">Receive queues of the device.</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    /// <exception cref="ArgumentException">A worker has no room for another queue; nothing was added.</exception>
    public LivePort AddPort(PortConfiguration settings, PortBinding device, ushort queues)
    {
        LivePort live = AddPort(Datapath, settings, device);
        try
        {
            for (ushort queue = 0; queue < queues; queue++)
            {
                WorkerHandle worker = Datapath.Workers.MinBy(static worker => worker.Queues.Count)!;
                Datapath.SetQueues(worker, [.. worker.Queues, new QueueAssignment(live.Id, queue)]);
            }
        }
        catch
        {
            Datapath.RemovePort(live.Id, static () => { });
            throw;
        }
        _rows.Ports.Add(settings.Name, live.Id.Value);
        _ports = [.. _ports, live];
        return live;
    }

    /// <summary>Removes a port that <see cref="AddPort(PortConfiguration, PortBinding, ushort)"/> added.</summary>
    /// <param name="live">The port.</param>
    /// <param name="left">Called on this thread, by <see cref="Datapath.Reclaim"/>, when no worker can be in a burst on its device any more.</param>
    /// <exception cref="InvalidOperationException">It has an interface.</exception>
    public void RemovePort(LivePort live, Action left)
    {
        Datapath.RemovePort(live.Id, left);
        _ = _rows.Ports.Remove(live.Settings.Name);
        _ports = [.. _ports.Where(other => other != live)];
    }
}

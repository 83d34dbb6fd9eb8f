using Dataplane.Dpdk;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Host.Configuration;

namespace Dataplane.Host.Forwarding;

/// <summary>
/// Queues of the ports. Every worker has a transmit queue of its own on every port, so that sending needs no lock; receive
/// queues, which the device fills by receive-side scaling, are dealt out to the workers in turn.
/// </summary>
/// <param name="RxQueues">Receive queues of each port, by row.</param>
/// <param name="TxQueues">Transmit queues of each port: the number of workers.</param>
internal sealed record QueuePlan(IReadOnlyList<ushort> RxQueues, ushort TxQueues)
{
    /// <summary>Plans for devices that are attached and not yet configured.</summary>
    /// <param name="ports">The ports of the configuration.</param>
    /// <param name="devices">Their devices.</param>
    /// <param name="workers">Number of workers.</param>
    /// <exception cref="ForwarderException">A device has too few queues.</exception>
    public static QueuePlan Make(IReadOnlyList<PortConfiguration> ports, IReadOnlyList<PortInformation> devices, int workers)
    {
        var receive = new ushort[ports.Count];
        for (int row = 0; row < ports.Count; row++)
        {
            PortConfiguration port = ports[row];
            PortInformation device = devices[row];
            if (device.MaxTxQueues < workers)
            {
                throw new ForwarderException($"port '{port.Name}': {device.Driver} has {Count(device.MaxTxQueues, "transmit queue")} and "
                    + $"each of the {workers} workers needs one; give the device more queues{Hint(device.Driver, workers)}, or list "
                    + "fewer cores in 'workers.cores'");
            }
            int wanted = device.Driver switch
            {
                // The kernel spreads packets over all of its sockets, so all must be read.
                "net_af_packet" => device.MaxRxQueues,
                // Has only pairs of queues.
                "net_tap" => Math.Max(port.Queues, workers),
                _ => port.Queues,
            };
            if (device.MaxRxQueues < wanted)
            {
                throw new ForwarderException($"port '{port.Name}': {device.Driver} has {Count(device.MaxRxQueues, "receive queue")} and "
                    + $"'queues' asks for {port.Queues}; give the device more{Hint(device.Driver, port.Queues)}, or lower 'queues'");
            }
            receive[row] = (ushort)wanted;
        }
        return new QueuePlan(receive, (ushort)workers);
    }

    /// <summary>The receive queues of one worker.</summary>
    public List<QueueAssignment> QueuesOf(int worker)
    {
        var own = new List<QueueAssignment>();
        int dealt = 0;
        for (int row = 0; row < RxQueues.Count; row++)
        {
            for (ushort queue = 0; queue < RxQueues[row]; queue++)
            {
                if (dealt++ % TxQueues == worker)
                    own.Add(new QueueAssignment(new PortId((ushort)row), queue));
            }
        }
        return own;
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    private static string Hint(string driver, int queues) => driver switch
    {
        "net_af_packet" => $" (qpairs={queues} in 'device')",
        "net_af_xdp" => $" (queue_count={queues} in 'device')",
        "net_vhost" or "net_virtio_user" => $" (queues={queues} in 'device')",
        _ => "",
    };
}

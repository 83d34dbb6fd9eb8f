namespace Dataplane.Dpdk;

// Ports made of rings: what one side of the process sends, another receives.
public sealed unsafe partial class EthernetPort
{
    private const string RingDriver = "net_ring_";

    /// <summary>Makes a port of the driver net_ring that receives from some rings, a queue from each, and sends to others.
    /// The rings stay the caller's and must outlive the port.</summary>
    /// <param name="name">Unique in the process; the device is called net_ring_NAME.</param>
    /// <param name="receive">One ring per receive queue.</param>
    /// <param name="transmit">One ring per transmit queue.</param>
    /// <exception cref="DpdkException">A name in use, or more rings than the driver takes (16).</exception>
    public static EthernetPort FromRings(string name, IReadOnlyList<Ring> receive, IReadOnlyList<Ring> transmit)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(receive);
        ArgumentNullException.ThrowIfNull(transmit);
        Eal.RequireRunning($"Port '{name}'");
        void** rx = stackalloc void*[receive.Count];
        void** tx = stackalloc void*[transmit.Count];
        for (int i = 0; i < receive.Count; i++)
            rx[i] = receive[i].Handle;
        for (int i = 0; i < transmit.Count; i++)
            tx[i] = transmit[i].Handle;
        _ = EalLog.Take();
        int port = Shim.PortFromRings(name, rx, (uint)receive.Count, tx, (uint)transmit.Count, socket: -1);
        if (port < 0)
            throw DpdkException.From($"Port '{name}' cannot be made of rings", port, "At most 16 rings each way; names must be unique.");
        return new EthernetPort((ushort)port, RingDriver + name, "vdev", "", attached: true);
    }
}

namespace Dataplane.Forwarding;

/// <summary>Index of a port in the datapath's tables; not DPDK's port id.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct PortId(ushort Value);

/// <summary>Index of a virtual interface (the CE interface).</summary>
/// <param name="Value">0-based row, or <see cref="uint.MaxValue"/> for none.</param>
public readonly record struct InterfaceId(uint Value)
{
    /// <summary>No interface: the packet came from the core or from the slow path.</summary>
    public static InterfaceId None => new(uint.MaxValue);

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => Value == uint.MaxValue;
}

/// <summary>Index of a VRF.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct VrfId(uint Value);

/// <summary>Index of a tunnel to a remote forwarder.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct TunnelId(uint Value);

/// <summary>Index of a group of next hops.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct GroupId(uint Value);

namespace Dataplane.Forwarding;

/// <summary>Index of a port in the datapath's tables; not DPDK's port id.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct PortId(ushort Value);

/// <summary>
/// A virtual interface (the CE interface): its row, and in the upper bits which of the interfaces it is that have had the row. Whoever
/// keeps an identifier beyond the interface's end finds nothing under it, also when the row serves another.
/// </summary>
/// <param name="Value">0-based row in the lower 20 bits, or <see cref="uint.MaxValue"/> for none.</param>
public readonly record struct InterfaceId(uint Value)
{
    /// <summary>0-based row; counters and tables are indexed by it.</summary>
    public uint Row => RowLife.RowOf(Value);

    /// <summary>No interface: the packet came from the core or from the slow path.</summary>
    public static InterfaceId None => new(uint.MaxValue);

    /// <summary>True for <see cref="None"/>.</summary>
    public bool IsNone => Value == uint.MaxValue;
}

/// <summary>A VRF: its row, and in the upper bits which of the VRFs it is that have had the row.</summary>
/// <param name="Value">0-based row in the lower 20 bits.</param>
public readonly record struct VrfId(uint Value)
{
    /// <summary>0-based row; counters and tables are indexed by it.</summary>
    public uint Row => RowLife.RowOf(Value);
}

/// <summary>Index of a tunnel to a remote forwarder.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct TunnelId(uint Value);

/// <summary>Index of a group of next hops.</summary>
/// <param name="Value">0-based row.</param>
public readonly record struct GroupId(uint Value);

namespace Dataplane.Host.Configuration;

/// <summary>The VLAN tags in front of a frame's payload: none, one, or a QinQ pair. The default value is none.</summary>
/// <param name="Count">0, 1 or 2.</param>
/// <param name="Outer">The number of the only tag or of the outer one (1 to 4094); 0 when there is none.</param>
/// <param name="Inner">The number of the inner tag of a pair (1 to 4094); 0 otherwise.</param>
internal readonly record struct VlanTags(int Count, ushort Outer, ushort Inner)
{
    /// <summary>No tag.</summary>
    public static VlanTags None => default;

    /// <summary>One tag, TPID 0x8100.</summary>
    public static VlanTags Single(ushort vlan) => new(1, vlan, 0);

    /// <summary>Two tags: outer TPID 0x88A8, inner 0x8100.</summary>
    public static VlanTags Pair(ushort outer, ushort inner) => new(2, outer, inner);

    /// <summary>In words for messages: "untagged", "VLAN 317", "VLAN [100, 200]".</summary>
    public override string ToString() => Count switch
    {
        0 => "untagged",
        1 => $"VLAN {Outer}",
        _ => $"VLAN [{Outer}, {Inner}]",
    };
}

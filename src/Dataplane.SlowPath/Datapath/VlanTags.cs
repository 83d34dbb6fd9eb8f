namespace Dataplane.SlowPath;

/// <summary>802.1Q tags of a virtual interface on its access link (EXT-02).</summary>
/// <param name="Outer">The first tag's VLAN, 1..4094, or 0 for an untagged interface.</param>
/// <param name="Inner">The second tag's VLAN of a QinQ pair, 1..4094, or 0; requires <paramref name="Outer"/>.</param>
public readonly record struct VlanTags(ushort Outer, ushort Inner = 0)
{
    /// <summary>No tag.</summary>
    public static VlanTags None => default;

    /// <summary>Octets that the tags take in a frame: 0, 4 or 8.</summary>
    public int Length => Outer == 0 ? 0 : Inner == 0 ? 4 : 8;
}

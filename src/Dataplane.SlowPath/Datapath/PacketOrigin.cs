namespace Dataplane.SlowPath;

/// <summary>Side a tenant packet came from; it selects the view of the VRF that applies to it (FWD-10).</summary>
public enum PacketOrigin : byte
{
    /// <summary>From a virtual interface: the access view.</summary>
    Access,

    /// <summary>From the core, after decapsulation: the core view.</summary>
    Core,
}

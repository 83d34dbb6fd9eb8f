namespace Dataplane.SlowPath;

/// <summary>What a <see cref="VrrpMachine"/> asks for, in this order.</summary>
[Flags]
internal enum VrrpActions : byte
{
    None = 0,

    /// <summary>Send an advertisement.</summary>
    Advertise = 1,

    /// <summary>Send an advertisement of priority 0: somebody else shall take over at once.</summary>
    Resign = 2,

    /// <summary>We are master now.</summary>
    BecomeMaster = 4,

    /// <summary>We are master no longer.</summary>
    CeaseMaster = 8,
}

namespace Dataplane.Host.Bench.Traffic;

/// <summary>A frame to send again and again, in <see cref="TrafficMix.Data"/>.</summary>
internal struct FrameTemplate
{
    /// <summary>Where it starts there.</summary>
    public int Offset;

    /// <summary>Octets without FCS.</summary>
    public int Length;

    /// <summary>Where in the frame its mark goes; -1 when it has no room for one.</summary>
    public int StampAt;

    /// <summary>Where its transport checksum is; -1 when there is none to be kept right.</summary>
    public int ChecksumAt;

    /// <summary>Sum of all that the checksum covers but the mark, folded, in the machine's order.</summary>
    public ushort ChecksumBase;

    /// <summary>Whether the mark starts at an odd octet of what the checksum covers.</summary>
    public bool StampIsOdd;

    /// <summary>Whether zero is no checksum.</summary>
    public bool IsUdp;

    /// <summary>The outlet it goes to.</summary>
    public int Lane;

    /// <summary>When it was captured, in nanoseconds from the first frame on.</summary>
    public long Due;
}

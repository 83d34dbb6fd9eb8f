using System.Runtime.InteropServices;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Rib;

/// <summary>What a path is beside what its source said.</summary>
[Flags]
public enum PathState : byte
{
    /// <summary>As announced in the session that is up.</summary>
    None = 0,

    /// <summary>Kept from a session that went down (RFC 4724); as good as any other until it is swept.</summary>
    Stale = 1,

    /// <summary>Kept for long (RFC 9494): less preferred than any that is not.</summary>
    LlgrStale = 2,
}

/// <summary>One path of the Adj-RIB-In, as received and as accepted; 32 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct PathRow : IChainedRow
{
    private const ushort Taken = 1;
    private const ushort Fresh = 2;
    private const ushort Infeasible = 4;
    private const int LabelBits = 24;
    private const uint LabelMask = (1u << LabelBits) - 1;

    private int _next;
    private uint _labelAndState;
    private ushort _source;
    private ushort _flags;

    /// <summary>The destination it leads to.</summary>
    public DestinationId Destination { get; internal set; }

    /// <summary>The attributes as they came; never none.</summary>
    public AttributeSetId Received { get; internal set; }

    /// <summary>The attributes after import policy; none when policy rejected the path.</summary>
    public AttributeSetId Accepted { get; internal set; }

    /// <summary>The path identifier of its source (RFC 7911), 0 without.</summary>
    public uint PathIdentifier { get; internal set; }

    /// <summary>When it was announced or changed last, in seconds of <see cref="RoutingClock"/>.</summary>
    public uint ReceivedAt { get; internal set; }

    /// <summary>The label as on the wire: 20 bits of label, then 4 as they came; 0 in families without.</summary>
    public uint Label
    {
        readonly get => _labelAndState & LabelMask;
        internal set => _labelAndState = (_labelAndState & ~LabelMask) | (value & LabelMask);
    }

    /// <summary>Whether it is kept from a session that went down.</summary>
    public PathState State
    {
        readonly get => (PathState)(_labelAndState >> LabelBits);
        internal set => _labelAndState = (_labelAndState & LabelMask) | (uint)value << LabelBits;
    }

    /// <summary>Where it came from.</summary>
    public SourceId Source
    {
        readonly get => new(_source);
        internal set => _source = value.Value;
    }

    /// <summary>The next path of the same destination.</summary>
    int IChainedRow.Next
    {
        readonly get => _next;
        set => _next = value;
    }

    /// <summary>The next path of the same destination, -1 behind the last.</summary>
    internal int Next
    {
        readonly get => _next;
        set => _next = value;
    }

    /// <summary>Whether a row below the pool's end is one of a path.</summary>
    internal bool IsTaken
    {
        readonly get => (_flags & Taken) != 0;
        set => _flags = value ? Taken : (ushort)0;
    }

    /// <summary>Whether validation found at the last settling that it must not be used (RFC 8955 §6).</summary>
    public bool IsInfeasible
    {
        readonly get => (_flags & Infeasible) != 0;
        internal set => _flags = (ushort)(value ? _flags | Infeasible : _flags & ~Infeasible);
    }

    /// <summary>Whether it was announced after a marking began that has not come to it yet: that one passes it over.</summary>
    internal bool IsFresh
    {
        readonly get => (_flags & Fresh) != 0;
        set => _flags = (ushort)(value ? _flags | Fresh : _flags & ~Fresh);
    }
}

namespace Dataplane.Routing;

/// <summary>An interned set of path attributes; 0 is none. See <c>AttributeStore</c>.</summary>
public readonly record struct AttributeSetId(uint Value)
{
    /// <summary>No attributes: no path, or one that policy rejected.</summary>
    public static AttributeSetId None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Value == 0;
}

/// <summary>Where paths come from: a peer's session, or a protocol of our own; row of the <c>SourceTable</c>.</summary>
public readonly record struct SourceId(ushort Value);

/// <summary>Row of a VRF; stays with its name as long as the VRF exists.</summary>
public readonly record struct VrfIndex(int Value);

/// <summary>Row of a destination in its family's table; stays as long as the destination has a path or is referred to.</summary>
public readonly record struct DestinationId(int Value);

/// <summary>Row of a path in its family's table.</summary>
public readonly record struct PathId(int Value)
{
    /// <summary>No path.</summary>
    public static PathId None => new(-1);

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Value < 0;
}

/// <summary>A next hop that attribute sets share; 0 is none. See <c>NextHopTable</c>.</summary>
public readonly record struct NextHopId(int Value)
{
    /// <summary>No next hop: the family has none.</summary>
    public static NextHopId None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Value == 0;
}

/// <summary>A set of route targets that attribute sets share; 0 is the empty one. See <c>RouteTargetSets</c>.</summary>
public readonly record struct RouteTargetSetId(int Value)
{
    /// <summary>No route target.</summary>
    public static RouteTargetSetId Empty => default;

    /// <summary>Whether this is <see cref="Empty"/>.</summary>
    public bool IsEmpty => Value == 0;
}

namespace Dataplane.Routing.Rib;

/// <summary>Kinds of sources that paths come from.</summary>
public enum SourceKind : byte
{
    /// <summary>Ourselves: interfaces, static routes and aggregates of our VRFs.</summary>
    Local,

    /// <summary>A peer of our own AS.</summary>
    Ibgp,

    /// <summary>A peer of another AS.</summary>
    Ebgp,

    /// <summary>An end-system's publication.</summary>
    Xmpp,
}

namespace Dataplane.Xmpp.PubSub;

/// <summary>Which of the two sets of shapes is emitted; input may have either (requirements section 17).</summary>
public enum WireProfile : byte
{
    /// <summary>As documented in draft-marques-l3vpn-end-system-05, made well-formed.</summary>
    Esv05,

    /// <summary>As in draft-ietf-l3vpn-end-system-06.</summary>
    EndSystem06,
}

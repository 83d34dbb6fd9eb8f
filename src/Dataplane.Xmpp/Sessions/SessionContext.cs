using Dataplane.Routing.Loop;

namespace Dataplane.Xmpp.Sessions;

/// <summary>What the sessions of a server or client share.</summary>
internal sealed record SessionContext(RoutingLoop Loop, SessionSettings Settings, IXmppSessionHandler Handler, XmppCounters Counters)
{
    /// <summary>Who writes.</summary>
    public SessionWriters Writers { get; } = new();
}

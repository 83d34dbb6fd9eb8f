using Dataplane.Bgp.Transport;
using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>Where the messages for one peer go. Routing thread.</summary>
internal interface IUpdateSink
{
    /// <summary>Whether the peer takes what it is sent; false while it lags: then nothing is encoded for it and changes coalesce.</summary>
    bool IsWritable { get; }

    /// <summary>Queues whole messages; never refused, since a batch is bounded and begun only while <see cref="IsWritable"/>.</summary>
    /// <param name="messages">The sink takes a reference of its own.</param>
    /// <param name="updates">How many UPDATEs these are.</param>
    void Send(SharedBuffer messages, int updates);

    /// <summary>A walk over the table that the peer was promised has been sent: its end is to be marked.</summary>
    void DumpFinished(RouteFamily family, GroupMember member);
}

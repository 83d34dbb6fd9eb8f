using System.Net.Sockets;
using Dataplane.Bgp.Export.Bmp;
using Dataplane.Bgp.Transport;

namespace Dataplane.Bgp.Tests.Export.Bmp;

public sealed class BmpSessionTests
{
    /// <summary>The pool ends a connection while the routing thread has not heard of it: what that still asks for is refused, and harms nobody.</summary>
    [Fact]
    public async Task TheRoutingThreadMayHearLateThatAConnectionEnded()
    {
        var session = new BmpSession(new Socket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), limit: 100, static () => { });
        await session.RunAsync(new CancellationToken(canceled: true));
        session.Dispose();
        SharedBuffer fits = SharedBuffer.Of(new byte[10]), tooLong = SharedBuffer.Of(new byte[200]);
        Assert.False(session.TrySend(fits));
        Assert.False(session.TrySend(tooLong));
        Assert.True(session.WasCut);
        session.Finish();
        fits.Release();
        tooLong.Release();
    }
}

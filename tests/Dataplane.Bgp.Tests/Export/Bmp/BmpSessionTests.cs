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

    /// <summary>The export stops behind its last message: what was queued before is written all the same (RFC 7854 §4.5).</summary>
    [Fact]
    public async Task WhatWasQueuedIsWrittenAlthoughTheExportStops()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(System.Net.Sockets.AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint);
        using Socket station = await listener.AcceptSocketAsync();
        using var session = new BmpSession(socket, limit: 10_000, static () => { });
        SharedBuffer message = SharedBuffer.Of(new byte[100]);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(session.TrySend(message));
        }

        message.Release();
        await session.RunAsync(new CancellationToken(canceled: true));
        var (octets, count) = (0, 0);
        var buffer = new byte[10_000];
        while ((count = await station.ReceiveAsync(buffer)) > 0)
        {
            octets += count;
        }

        Assert.Equal(5000, octets);
    }
}

using System.Collections.Concurrent;
using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Xmpp.Server;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>A server on a loopback with a handler that writes down.</summary>
internal sealed class ServerRig : IAsyncDisposable
{
    public const string Name = "sg.dc1.example.net";
    public const string Domain = "dc1.example.net";

    public ServerRig(Func<XmppServerSettings, XmppServerSettings>? change = null)
    {
        var settings = new XmppServerSettings
        {
            Name = Name,
            ClientDomains = [Domain],
            Endpoints = [new(IpAddress.Parse("127.0.0.1"), 0), new(IpAddress.Parse("127.0.0.1"), 0, IsDirectTls: true)],
            Tls = TestAuthority.Shared.Server(Name, Domain),
        };
        Server = new(Loop, change?.Invoke(settings) ?? settings, Handler) { Noticed = Notices.Enqueue };
        Loop.Start();
        Server.Start();
    }

    public RoutingLoop Loop { get; } = new();

    public RecordingHandler Handler { get; } = new();

    public XmppServer Server { get; }

    public ConcurrentQueue<XmppNotice> Notices { get; } = new();

    public int Port => Server.Endpoints[0].Port;

    public int DirectPort => Server.Endpoints[1].Port;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Loop.Dispose();
    }
}

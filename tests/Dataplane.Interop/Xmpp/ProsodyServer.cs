using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dataplane.EndToEnd.Lab;
using Dataplane.Xmpp.Tests.Kit;

namespace Dataplane.Interop.Xmpp;

/// <summary>Prosody 0.12 on a loopback: clients authenticate with their certificate alone (auth_ccert), by STARTTLS or direct TLS.</summary>
internal sealed class ProsodyServer : IDisposable
{
    public const string Domain = "xmpp.test";

    private readonly PemFolder _folder;
    private Process? _process;

    public ProsodyServer()
    {
        _folder = new("server", TestAuthority.Shared.Server(Domain));
        Port = FreePort.Take();
        DirectPort = FreePort.Take();
        _ = Directory.CreateDirectory(_folder.In("data"));
        File.WriteAllText(_folder.In("prosody.cfg.lua"), Configuration());
    }

    public int Port { get; }

    public int DirectPort { get; }

    public string Log => File.Exists(_folder.In("log")) ? File.ReadAllText(_folder.In("log")) : "";

    public void Start()
    {
        _process = Command.Start(
            ["/bin/sh", "-c", "exec prosody --config \"$1/prosody.cfg.lua\" -F >\"$1/out\" 2>&1", "sh", _folder.Path], redirect: false);
        Wait.Until("Prosody to listen", () => Listens(Port) && Listens(DirectPort), Eventually.Bound);
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        _folder.Dispose();
    }

    private static bool Listens(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // The module that authenticates by certificate alone is one of Debian's prosody-modules, unpacked by scripts/setup.
    private static string Modules()
    {
        const string inPackage = "usr/lib/prosody/modules/mod_auth_ccert";
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string unpacked = Path.Combine(at.FullName, "artifacts", "tools", "prosody-modules", inPackage);
            if (Directory.Exists(unpacked))
            {
                return unpacked;
            }
        }

        return Path.Combine("/", inPackage);
    }

    private string Configuration() => $$"""
        run_as_root = true
        pidfile = "{{_folder.In("pid")}}"
        data_path = "{{_folder.In("data")}}"
        plugin_paths = { "{{Modules()}}" }
        daemonize = false
        log = { { levels = { min = "debug" }, to = "file", filename = "{{_folder.In("log")}}" } }
        interfaces = { "127.0.0.1" }
        c2s_ports = { {{Port}} }
        c2s_direct_tls_ports = { {{DirectPort}} }
        s2s_ports = {}
        s2s_direct_tls_ports = {}
        modules_enabled = { "disco", "roster", "saslauth", "tls", "ping" }
        modules_disabled = { "s2s" }
        c2s_require_encryption = true
        ssl = {
          certificate = "{{_folder.In("server.crt")}}", key = "{{_folder.In("server.key")}}", cafile = "{{_folder.In("ca.crt")}}", capath = false,
          verify = { "peer", "client_once", "fail_if_no_peer_cert" }, verifyext = { lsec_ignore_purpose = false }
        }
        c2s_ssl = ssl
        c2s_direct_tls_ssl = ssl
        VirtualHost "{{Domain}}"
          authentication = "ccert"
          certificate_match = "xmppaddr"
        """;
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Signaling;

/// <summary>A gateway under test, and agents with certificates of their own that use it, all in one namespace over its loopback.</summary>
internal sealed class AgentFleet : IDisposable
{
    internal const string Domain = "dc1.example.net";
    internal const string Gateway = "sg.dc1.example.net";
    private const int Number = 1;
    private const int Port = 5223;
    private const int AtATime = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly BgpNetwork _network = new();
    private readonly OurSpeaker _gateway;

    /// <summary>Starts a gateway and makes agents that are not connected yet.</summary>
    /// <param name="agents">How many.</param>
    /// <param name="vpns">How many VPNs there are: v0, v1, …</param>
    internal AgentFleet(int agents, int vpns)
    {
        try
        {
            var certificates = new LabCertificates(_network.Directory("pki"));
            certificates.AddServer(Gateway);
            var authority = X509CertificateLoader.LoadCertificateFromFile(certificates.Authority);
            Agents = [.. Enumerable.Range(0, agents).AsParallel().AsOrdered().Select(Make)];
            _gateway = _network.Keep(new OurSpeaker(_network, Number, Configuration(certificates, vpns)));

            Agent Make(int i)
            {
                string systemId = (0x02AA_1000_0000 + i).ToString("x12", CultureInfo.InvariantCulture);
                string infrastructure = $"10.64.{i >> 8}.{i & 0xFF}";
                certificates.AddEndSystem(systemId, $"{systemId}@{Domain}", infrastructure);
                return new Agent(
                    systemId, infrastructure, X509Certificate2.CreateFromPemFile(certificates.CertificateOf(systemId), certificates.KeyOf(systemId)), authority);
            }
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    internal IReadOnlyList<Agent> Agents { get; }

    internal int ProcessId => _gateway.ProcessId;

    internal EndToEnd.Lab.Exposition Metrics() => _gateway.Metrics();

    /// <summary>Connects agents, some at a time, each doing something as soon as it is bound.</summary>
    /// <param name="agents">Which.</param>
    /// <param name="then">What it does then.</param>
    /// <param name="receiveBuffer">Octets that the kernel is to keep for each until it reads, instead of what it finds right.</param>
    internal void Connect(IEnumerable<Agent> agents, Action<Agent>? then = null, int? receiveBuffer = null)
    {
        var gateway = new IPEndPoint(IPAddress.Parse(BgpNetwork.Address(Number)), Port);
        Agent[] all = [.. agents];
        Socket[] sockets = _network.Space.Join(() => all.Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToArray());
        foreach (Socket socket in receiveBuffer is null ? [] : sockets)
            socket.ReceiveBufferSize = receiveBuffer!.Value;
        var waiting = new ConcurrentQueue<(Agent Agent, Socket Socket)>(all.Zip(sockets));
        var faults = new ConcurrentQueue<Exception>();
        Thread[] threads = [.. Enumerable.Range(0, AtATime).Select(_ => new Thread(ConnectNext))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (faults.TryDequeue(out Exception? fault))
            throw new InvalidOperationException(fault.Message, fault);

        void ConnectNext()
        {
            while (faults.IsEmpty && waiting.TryDequeue(out (Agent Agent, Socket Socket) next))
            {
                try
                {
                    next.Agent.Connect(next.Socket, gateway);
                    then?.Invoke(next.Agent);
                }
                catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException or InvalidOperationException)
                {
                    faults.Enqueue(e);
                }
            }
        }
    }

    /// <summary>Waits until something holds; an agent's fault ends it.</summary>
    internal void Until(string what, Func<bool> condition)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            if (Agents.FirstOrDefault(static agent => agent.Fault is not null) is { } ill)
                throw new InvalidOperationException($"{ill.Jid}: {ill.Fault}");
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds)
                throw new TimeoutException($"waited in vain for {what}");
            Thread.Sleep(5);
        }
    }

    public void Dispose()
    {
        foreach (Agent agent in Agents)
            agent.Dispose();
        _network.Dispose();
    }

    private static string Configuration(LabCertificates certificates, int vpns)
    {
        var rest = new StringBuilder($$"""
            xmpp:
              name: {{Gateway}}
              domains: [{{Domain}}]
              listen: [{ address: {{BgpNetwork.Address(Number)}}, port: {{Port}}, direct-tls: true }]
              certificate: {{certificates.CertificateOf(Gateway)}}
              key: {{certificates.KeyOf(Gateway)}}
              authorities: {{certificates.Authority}}
            end-systems:
              - { name: "*", vpns: [{ vpn: "*", prefixes: [0.0.0.0/0] }] }
            vrfs:

            """);
        for (int vpn = 0; vpn < vpns; vpn++)
            _ = rest.Append(CultureInfo.InvariantCulture, $"  - {{ name: v{vpn}, import-targets: [\"65000:{1 + vpn}\"], export-targets: [\"65000:{1 + vpn}\"] }}\n");
        return OurSpeaker.Configuration(Number, [], rest: rest.ToString());
    }
}

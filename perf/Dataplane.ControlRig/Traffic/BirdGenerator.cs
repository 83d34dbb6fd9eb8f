using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dataplane.EndToEnd.Lab;
using Dataplane.Interop.Bgp.Peers;

namespace Dataplane.ControlRig.Traffic;

/// <summary>BIRD as the sender of a <see cref="RouteSet"/>: its static routes, made before, leave when the session is enabled.</summary>
internal sealed class BirdGenerator : IDisposable
{
    private readonly BirdPeer _bird;
    private readonly int _remote;
    private readonly Process _firstUpdate;
    private readonly string _firstUpdatePath;

    internal BirdGenerator(BgpNetwork network, int number, int remote, uint autonomousSystem, RouteSet routes)
    {
        _remote = remote;
        _bird = new BirdPeer(network, number, [new Neighbor(remote) { As = autonomousSystem, Families = [Family.Vpn4], Extra = "disabled;", HoldTime = 240 }],
            new Dictionary<Family, string> { [Family.Vpn4] = Lines(routes) }, autonomousSystem: autonomousSystem, ready: TimeSpan.FromMinutes(2));
        // The first segment that is longer than an OPEN and its KEEPALIVE carries the first UPDATE.
        _firstUpdatePath = Path.Combine(_bird.Directory, "first-update");
        _firstUpdate = network.Space.Start(_firstUpdatePath, ["tcpdump", "-n", "-tt", "-l", "-c", "1", "-i", "lo",
            $"src host {BgpNetwork.Address(number)} and dst host {BgpNetwork.Address(remote)} and tcp port 179 and greater 500"]);
        Wait.Until("tcpdump to listen", () => File.Exists(_firstUpdatePath) && File.ReadAllText(_firstUpdatePath).Contains("listening on", StringComparison.Ordinal));
    }

    internal void Go() => _bird.Run($"enable n{_remote}");

    /// <summary>Stopwatch's timestamp of the first UPDATE, from the clock of the capture.</summary>
    internal long FirstUpdate()
    {
        Wait.Until("BIRD's first UPDATE", () => _firstUpdate.HasExited);
        string line = File.ReadAllText(_firstUpdatePath).Split('\n').First(text => text.Length > 0 && char.IsAsciiDigit(text[0]) && text.Contains('.', StringComparison.Ordinal));
        double seconds = double.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
        TimeSpan ago = DateTime.UtcNow - DateTime.UnixEpoch.AddSeconds(seconds);
        return Stopwatch.GetTimestamp() - (long)(ago.TotalSeconds * Stopwatch.Frequency);
    }

    public void Dispose()
    {
        if (!_firstUpdate.HasExited)
            _firstUpdate.Kill();
        _firstUpdate.Dispose();
        _bird.Dispose();
    }

    private static string Lines(RouteSet routes)
    {
        var text = new StringBuilder();
        for (int route = routes.First; route < routes.First + routes.Count; route++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"route 65000:{1 + routes.VpnOf(route)} {RouteSet.TextOf(route)}/32 via {routes.NextHop}%lo onlink mpls {routes.LabelOf(route)} {{ bgp_med = {route / routes.PerAttributeSet}; bgp_ext_community.add((rt, 65000, {1 + routes.VpnOf(route)})); }};\n");
        }
        return text.ToString();
    }
}

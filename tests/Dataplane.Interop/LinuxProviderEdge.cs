using System.Diagnostics;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop;

/// <summary>
/// A real Linux MPLS PE: Debian's user-mode-linux kernel with VRF, MPLS and GRE, on this machine's root file system mounted
/// read-only, its network card a packet socket on a veth end. Statically configured, no routing daemon.
/// </summary>
/// <remarks>
/// The VPN red is the kernel's vrf-red with the addresses <see cref="Address4"/> and <see cref="Address6"/>. What arrives with
/// the label <see cref="Label"/> is looked up there; what leaves for the tenant carries the forwarder's label. After it has
/// written PE-READY to its console the PE runs the commands in the files <c>command-1</c>, <c>command-2</c>, … as they appear,
/// until there is a file <c>stop</c>.
/// </remarks>
public sealed class LinuxProviderEdge : IDisposable
{
    public const string Underlay4 = "192.0.2.2";
    public const string UnderlayInIp = "192.0.2.3";
    public const string Underlay6 = "2001:db8:f::2";
    public const string Address4 = "192.168.2.2";
    public const string Address6 = "fd00:2::2";
    public const int Label = 100;
    private static readonly string Kernel = Path.Combine(Testbed.Repository, "scripts", "user-mode-linux");
    private static readonly string Modules =
        Path.Combine(Testbed.Repository, "artifacts", "tools", "user-mode-linux", "usr", "lib", "uml", "modules");
    private const string Ready = "PE-READY";
    private const string Done = "PE-DONE";
    private readonly string _directory;
    private readonly Process _process;
    private int _commands;

    /// <summary>Boots the PE on <paramref name="interfaceName"/> of <paramref name="space"/>.</summary>
    /// <param name="bed">Gives the scratch directory; the PE sees it, read-only.</param>
    /// <param name="space">The namespace of the veth end that becomes the PE's card.</param>
    /// <param name="interfaceName">That veth end.</param>
    /// <param name="routing">Shell commands that lay the tunnels and the routes to the tenants.</param>
    /// <param name="addresses">Its addresses in the underlay, with prefix lengths; left out, the three that this class names.</param>
    /// <param name="memoryMib">Memory of the machine.</param>
    public LinuxProviderEdge(
        Testbed bed, NetworkNamespace space, string interfaceName, string routing, IReadOnlyList<string>? addresses = null, int memoryMib = 96)
    {
        _directory = Directory.CreateDirectory(Path.Combine(bed.ScratchDirectory, "pe")).FullName;
        string init = Path.Combine(_directory, "init");
        File.WriteAllText(init, Init(Modules, addresses ?? [$"{Underlay4}/24", $"{UnderlayInIp}/24", $"{Underlay6}/64"], routing));
        File.SetUnixFileMode(init, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _process = space.Start(LogPath, [Kernel, $"mem={memoryMib}M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", $"init={init}",
            $"uml_dir={_directory}", "con0=null,fd:1", "con=null", "quiet", $"vec0:transport=raw,ifname={interfaceName},depth=64"]);
        try
        {
            Wait.Until("the PE to boot", () => _process.HasExited || Log.Contains(Ready, StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException e)
        {
            Dispose();
            throw new TimeoutException($"{e.Message}\n{Log}");
        }

        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the PE ended with exit code {_process.ExitCode}:\n{Log}");
        }
    }

    /// <summary>Everything the PE wrote to its console.</summary>
    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private string LogPath => Path.Combine(_directory, "console.log");

    /// <summary>Has the PE run shell commands, and returns what they printed.</summary>
    public string Run(string commands)
    {
        int number = ++_commands;
        string staged = Path.Combine(_directory, "staged");
        File.WriteAllText(staged, commands + "\n");
        int before = Log.Length;
        File.Move(staged, Path.Combine(_directory, $"command-{number}"));
        string done = $"{Done}-{number}";
        Wait.Until("the PE to run its commands", () => _process.HasExited || Log.Contains(done, StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        return Log[before..];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            File.WriteAllText(Path.Combine(_directory, "stop"), "");
            if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }

        _process.Dispose();
    }

    private string Init(string modules, IReadOnlyList<string> addresses, string routing) => $$"""
        #!/bin/bash
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs tmp /mnt
        mkdir -p /mnt/m/lib; ln -s {{modules}} /mnt/m/lib/modules
        for m in ipv6 mpls_router mpls_iptunnel ip_gre ip6_gre ipip vrf dummy; do modprobe -d /mnt/m $m || echo "no module $m"; done
        ip link set lo up; ip link set vec0 up
        {{string.Join("; ", addresses.Select(static address => $"ip addr add {address} dev vec0 {(address.Contains(':', StringComparison.Ordinal) ? "nodad" : "")}"))}}
        sysctl -qw net.mpls.platform_labels=1000 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ip link add vrf-red type vrf table 10; ip link set vrf-red up
        ip link add d0 type dummy; ip link set d0 master vrf-red
        ip addr add {{Address4}}/24 dev d0; ip addr add {{Address6}}/64 dev d0 nodad; ip link set d0 up
        ip -f mpls route add {{Label}} dev vrf-red
        {{routing.ReplaceLineEndings("\n")}}
        echo {{Ready}}
        n=1
        until [ -e {{_directory}}/stop ]; do
          if [ -e {{_directory}}/command-$n ]; then . {{_directory}}/command-$n; echo {{Done}}-$n; n=$((n + 1)); fi
          sleep 0.05
        done
        poweroff -f
        """.ReplaceLineEndings("\n");
}

using System.Collections.Concurrent;
using Dataplane.Forwarding;
using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Carries routes from the routing thread to the thread that writes the datapath, in order; binding and unbinding of VRFs goes the same way,
/// so that no route of a VRF can end in the one that has its row next. Not bounded: the datapath takes routes faster than they are selected.
/// </summary>
public sealed class RouteInstallQueue : IVrfRouteListener
{
    private readonly ConcurrentQueue<Command> _commands = new();

    private enum Kind : byte
    {
        Install,
        Remove,
        Bind,
        Unbind,
    }

    /// <summary>What waits. Any thread.</summary>
    public int Count => _commands.Count;

    /// <summary>Has the routes of a VRF installed from here on. Routing thread.</summary>
    public void Bind(VrfIndex vrf, VrfId id) => _commands.Enqueue(new() { Kind = Kind.Bind, Vrf = vrf, Id = id });

    /// <summary>Ends it, after the VRF was removed. Routing thread.</summary>
    public void Unbind(VrfIndex vrf) => _commands.Enqueue(new() { Kind = Kind.Unbind, Vrf = vrf });

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route)
    {
        if (route.Family.IsFlowSpec)
        {
            return;
        }

        VrfNextHop one = default;
        VrfNextHop[]? several = null;
        if (route.NextHopCount == 1)
        {
            _ = route.CopyNextHops(new Span<VrfNextHop>(ref one));
        }
        else
        {
            several = new VrfNextHop[route.NextHopCount];
            _ = route.CopyNextHops(several);
        }

        _commands.Enqueue(new() { Kind = Kind.Install, Vrf = route.Vrf, Prefix = route.Prefix, One = one, Several = several });
    }

    /// <inheritdoc/>
    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri)
    {
        if (!family.IsFlowSpec)
        {
            _commands.Enqueue(new() { Kind = Kind.Remove, Vrf = vrf, Prefix = nlri.Prefix(family) });
        }
    }

    /// <summary>Carries out what waits. The thread that writes the datapath.</summary>
    /// <param name="installer">Who does it.</param>
    /// <param name="maximum">How much at most.</param>
    /// <returns>How much was done.</returns>
    public int Drain(RouteInstaller installer, int maximum)
    {
        var done = 0;
        for (; done < maximum && _commands.TryDequeue(out Command command); done++)
        {
            switch (command.Kind)
            {
                case Kind.Install:
                    _ = installer.Install(command.Vrf, command.Prefix, command.Several ?? new ReadOnlySpan<VrfNextHop>(in command.One));
                    break;
                case Kind.Remove:
                    installer.Remove(command.Vrf, command.Prefix);
                    break;
                case Kind.Bind:
                    installer.Bind(command.Vrf, command.Id);
                    break;
                default:
                    installer.Unbind(command.Vrf);
                    break;
            }
        }

        return done;
    }

    private struct Command
    {
        public Kind Kind;
        public VrfIndex Vrf;
        public VrfId Id;
        public IpPrefix Prefix;
        public VrfNextHop One;
        public VrfNextHop[]? Several;
    }
}

using System.Collections.Concurrent;
using Dataplane.Forwarding;
using Dataplane.Net;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Routing.Vpn;

/// <summary>A route was written, or could not be. The thread that writes the datapath.</summary>
/// <param name="vrf">The VRF.</param>
/// <param name="prefix">The prefix.</param>
/// <param name="nextHops">Its next hops.</param>
/// <param name="since">What was said when it was queued.</param>
/// <param name="isInstalled">Whether there is a route now.</param>
public delegate void RouteWritten(VrfIndex vrf, IpPrefix prefix, ReadOnlySpan<VrfNextHop> nextHops, long since, bool isInstalled);

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
        Filter,
        Bind,
        Unbind,
    }

    /// <summary>Told of each route that was written; null for nobody. Set before the first, or by any thread.</summary>
    public RouteWritten? Written { get; set; }

    /// <summary>Told of each route that was removed, on the thread that writes.</summary>
    public Action<VrfIndex, IpPrefix>? Removed { get; set; }

    /// <summary>What waits. Any thread.</summary>
    public int Count => _commands.Count;

    /// <summary>Has the routes of a VRF installed from here on. Routing thread.</summary>
    public void Bind(VrfIndex vrf, VrfId id) => _commands.Enqueue(new() { Kind = Kind.Bind, Vrf = vrf, Id = id });

    /// <summary>Ends it, after the VRF was removed. Routing thread.</summary>
    public void Unbind(VrfIndex vrf) => _commands.Enqueue(new() { Kind = Kind.Unbind, Vrf = vrf });

    /// <inheritdoc/>
    public void RouteChanged(VrfRouteView route) => RouteChanged(route, 0);

    /// <summary>A route was selected, of which <see cref="Written"/> shall say since when it is on its way. Routing thread.</summary>
    public void RouteChanged(VrfRouteView route, long since)
    {
        if (route.Family.IsFlowSpec)
        {
            Enqueue(route.Vrf, route.Family, route.Nlri, route.ReadFilter());
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

        _commands.Enqueue(new() { Kind = Kind.Install, Vrf = route.Vrf, Prefix = route.Prefix, One = one, Several = several, Since = since });
    }

    /// <inheritdoc/>
    public void RouteRemoved(VrfIndex vrf, RouteFamily family, in Nlri nlri)
    {
        if (family.IsFlowSpec)
        {
            Enqueue(vrf, family, nlri, null);
        }
        else
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
                    Install(installer, in command);
                    break;
                case Kind.Remove:
                    installer.Remove(command.Vrf, command.Prefix);
                    Removed?.Invoke(command.Vrf, command.Prefix);
                    break;
                case Kind.Filter:
                    installer.SetFilter(command.Vrf, command.Family, command.Rule, command.RuleAndActions);
                    break;
                case Kind.Bind:
                    installer.Bind(command.Vrf, command.Id);
                    break;
                default:
                    installer.Unbind(command.Vrf);
                    break;
            }
        }

        installer.Filters?.Apply();
        return done;
    }

    private void Install(RouteInstaller installer, in Command command)
    {
        ReadOnlySpan<VrfNextHop> nextHops = command.Several ?? new ReadOnlySpan<VrfNextHop>(in command.One);
        var isInstalled = installer.Install(command.Vrf, command.Prefix, nextHops);
        Written?.Invoke(command.Vrf, command.Prefix, nextHops, command.Since, isInstalled);
    }

    private void Enqueue(VrfIndex vrf, RouteFamily family, in Nlri nlri, VrfFilter? filter) =>
        _commands.Enqueue(new() { Kind = Kind.Filter, Vrf = vrf, Family = family, Rule = (uint)nlri.Low, RuleAndActions = filter });

    private struct Command
    {
        public Kind Kind;
        public VrfIndex Vrf;
        public VrfId Id;
        public IpPrefix Prefix;
        public VrfNextHop One;
        public VrfNextHop[]? Several;
        public long Since;
        public RouteFamily Family;
        public uint Rule;
        public VrfFilter? RuleAndActions; // null where it goes
    }
}

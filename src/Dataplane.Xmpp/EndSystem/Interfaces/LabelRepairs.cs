using Dataplane.Net;
using Dataplane.Routing.Loop;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.EndSystem.Interfaces;

/// <summary>
/// Labels of interfaces whose workload has moved away: packets that still come with them are looked up in the VRF, and so follow, until everybody has
/// heard of the new place (MOB-05). Routing loop.
/// </summary>
internal sealed class LabelRepairs
{
    private readonly Dictionary<string, Repair> _repairs = new(StringComparer.Ordinal);
    private readonly RoutingLoop _loop;
    private readonly IInterfaceForwarder _forwarder;
    private readonly LabelAllocator _labels;
    private readonly VpnHolds _vpns;
    private readonly TimeSpan _time;
    private readonly LoopTimer _timer;

    public LabelRepairs(RoutingLoop loop, IInterfaceForwarder forwarder, LabelAllocator labels, VpnHolds vpns, TimeSpan time)
    {
        _loop = loop;
        _forwarder = forwarder;
        _labels = labels;
        _vpns = vpns;
        _time = time;
        _timer = loop.CreateTimer(Advance);
    }

    /// <summary>Repairs under way.</summary>
    public int Count => _repairs.Count;

    /// <summary>Starts one; takes over the interface's hold on its label and its VPN.</summary>
    public void Start(string key, string vpn, Label20 label)
    {
        _forwarder.Repair(vpn, label);
        _repairs.Add(key, new(vpn, label, _loop.Time.GetTimestamp() + (long)(_time.TotalSeconds * _loop.Time.TimestampFrequency)));
        if (!_timer.IsRunning)
        {
            _timer.Restart(_time);
        }
    }

    /// <summary>Ends the one of an interface, because it comes back or the time is over.</summary>
    public void End(string key)
    {
        if (_repairs.Remove(key, out Repair? repair))
        {
            _forwarder.EndRepair(repair.Vpn, repair.Label);
            _ = _labels.Release(LabelAllocator.OfInterface(key));
            _vpns.Release(repair.Vpn);
        }
    }

    private void Advance()
    {
        var now = _loop.Time.GetTimestamp();
        foreach (var key in _repairs.Where(entry => entry.Value.Until <= now).Select(static entry => entry.Key).ToArray())
        {
            End(key);
        }

        if (_repairs.Count != 0)
        {
            _timer.Restart(_loop.Time.GetElapsedTime(now, _repairs.Values.Min(static repair => repair.Until)));
        }
    }

    private sealed record Repair(string Vpn, Label20 Label, long Until);
}

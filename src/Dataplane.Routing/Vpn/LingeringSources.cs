using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Net;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Forwarders that no route of a VRF leads to any more and that may send to it for a while yet (MOB-05, SEC-09). Owner thread: the one that writes the datapath.
/// </summary>
internal sealed class LingeringSources(Datapath datapath)
{
    private readonly Dictionary<(VrfId Vrf, IpAddress Source), long> _until = [];
    private long _next = long.MaxValue;

    /// <summary>Takes a source from a VRF, at once or after a time.</summary>
    public void Release(VrfId vrf, IpAddress source, TimeSpan after, TimeProvider time)
    {
        if (after <= TimeSpan.Zero)
        {
            _ = datapath.RemoveIngress(vrf, source);
            return;
        }

        var until = time.GetTimestamp() + (long)(after.TotalSeconds * time.TimestampFrequency);
        _until[(vrf, source)] = until;
        _next = Math.Min(_next, until);
    }

    /// <summary>A route leads there again.</summary>
    public void Forget(VrfId vrf, IpAddress source) => _ = _until.Remove((vrf, source));

    /// <summary>The VRF goes: nobody lingers in it.</summary>
    public void End(VrfId vrf) => Remove(entry => entry.Key.Vrf == vrf);

    /// <summary>Takes the sources whose time is over.</summary>
    public void Expire(TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (now < _next)
        {
            return;
        }

        Remove(entry => entry.Value <= now);
        _next = _until.Count == 0 ? long.MaxValue : _until.Values.Min();
    }

    private void Remove(Func<KeyValuePair<(VrfId Vrf, IpAddress Source), long>, bool> condition)
    {
        foreach (((VrfId Vrf, IpAddress Source) place, _) in _until.Where(condition).ToArray())
        {
            _ = _until.Remove(place);
            _ = datapath.RemoveIngress(place.Vrf, place.Source);
        }
    }
}

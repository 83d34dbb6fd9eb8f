using System.Text;
using Dataplane.Routing.Vpn;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// An instance id for each VRF where neither provisioning nor the client names one (AMB-19): a hash of its name, and for the later ones in the order of
/// names another one where the hash is that of an earlier one. So it follows from the names of the VRFs alone, not from what came first, and gateways
/// with the same VRFs have the same. Routing thread.
/// </summary>
internal sealed class VrfInstances(VrfTable vrfs)
{
    // All but 0, which clients may say.
    private const int Ids = ushort.MaxValue;

    private readonly Dictionary<string, ushort> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<ushort> _taken = [];

    /// <summary>Whether a VRF has an id.</summary>
    public bool Contains(ushort id) => _taken.Contains(id);

    /// <summary>The id of a VRF.</summary>
    public ushort Of(string name)
    {
        if (!_ids.TryGetValue(name, out var id))
        {
            Renew();
            id = _ids.TryGetValue(name, out id) ? id : HashOf(name);
        }

        return id;
    }

    /// <summary>The VRFs are others than before: ids of those that share hashes may be others too.</summary>
    public void Renew()
    {
        _ids.Clear();
        _taken.Clear();
        foreach (var name in vrfs.All.Select(static vrf => vrf.Name).Order(StringComparer.Ordinal))
        {
            var id = HashOf(name);
            while (_taken.Contains(id) && _taken.Count < Ids)
            {
                id = Next(id);
            }

            _ids.Add(name, id);
            _ = _taken.Add(id);
        }
    }

    /// <summary>The id behind one, in a circle.</summary>
    public static ushort Next(ushort id) => id == ushort.MaxValue ? (ushort)1 : (ushort)(id + 1);

    /// <summary>FNV-1a: the same everywhere.</summary>
    public static uint Fnv(string text)
    {
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ octet) * 16777619;
        }

        return hash;
    }

    private static ushort HashOf(string name)
    {
        var hash = Fnv(name);
        return Next((ushort)(hash >> 16 ^ hash));
    }
}

using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>
/// The highest instance number that each address of each VPN had on this end system, so that none is ever lower (AGT-07). Kept across restarts; of
/// more than <see cref="MostEntries"/> addresses, those used longest ago are forgotten. Routing loop.
/// </summary>
public sealed class VersionRegister
{
    /// <summary>Most addresses that are remembered.</summary>
    public const int MostEntries = 65_536;

    private readonly Dictionary<(string Vpn, IpPrefix Prefix), LinkedListNode<VersionEntry>> _byAddress = [];
    private readonly LinkedList<VersionEntry> _byUse = new();

    /// <summary>What is remembered, those used longest ago first.</summary>
    public IReadOnlyCollection<VersionEntry> Entries => _byUse;

    /// <summary>The highest number of an address; 0 when none is known.</summary>
    public uint Highest(string vpn, IpPrefix prefix) => _byAddress.TryGetValue((vpn, prefix), out LinkedListNode<VersionEntry>? node) ? node.Value.Version : 0;

    /// <summary>An address has a number now; a lower one than before changes nothing.</summary>
    public void Raise(string vpn, IpPrefix prefix, uint version)
    {
        if (_byAddress.Remove((vpn, prefix), out LinkedListNode<VersionEntry>? node))
        {
            _byUse.Remove(node);
            version = Math.Max(version, node.Value.Version);
        }
        else if (_byUse.Count == MostEntries)
        {
            VersionEntry oldest = _byUse.First!.Value;
            _byUse.RemoveFirst();
            _ = _byAddress.Remove((oldest.Vpn, oldest.Prefix));
        }

        _byAddress.Add((vpn, prefix), _byUse.AddLast(new VersionEntry(vpn, prefix, version)));
    }
}

/// <summary>The highest instance number that an address had.</summary>
public readonly record struct VersionEntry(string Vpn, IpPrefix Prefix, uint Version);

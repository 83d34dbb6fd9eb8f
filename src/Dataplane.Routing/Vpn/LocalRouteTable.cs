using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// The local routes of all VRFs and their way into the VPN family tables: distinguisher, export targets and policy of the VRF are applied here,
/// and once more whenever these change. A route that is not exported goes there too, since the VRF has it from there, but with NO_ADVERTISE.
/// The path identifier of an exported path is the row of its local route and one. Routing thread.
/// </summary>
internal sealed class LocalRouteTable
{
    private readonly RowPool<LocalRouteRow> _rows = new();
    private readonly RowIndex<LocalRouteKey, Keys> _index;
    private readonly AttributeBlockBuilder _builder = new();
    private readonly VrfExport _export;
    private readonly AttributeStore _attributes;
    private readonly Func<RouteFamily, FamilyTable> _tables;
    private readonly VrfTableOptions _options;
    private readonly List<ExtendedCommunity> _communities = [];
    private readonly bool[] _sources = new bool[ushort.MaxValue + 1];

    /// <summary>An empty table.</summary>
    public LocalRouteTable(AttributeStore attributes, Func<RouteFamily, FamilyTable> tables, VrfTableOptions options, VrfExport export, SourceId source)
    {
        _export = export;
        _attributes = attributes;
        _tables = tables;
        _options = options;
        Source = source;
        _index = new(new Keys(this));
    }

    /// <summary>The source of routes that name none.</summary>
    public SourceId Source { get; }

    /// <summary>Local routes there are.</summary>
    public int Count => _rows.Count;

    /// <summary>Octets of it all.</summary>
    public long Bytes => _rows.Bytes + _index.Bytes;

    /// <summary>A row.</summary>
    public ref readonly LocalRouteRow this[int row] => ref _rows[row];

    /// <summary>The VRF whose local route a path is; false for a path from elsewhere.</summary>
    public bool TryFindVrf(SourceId source, uint pathIdentifier, out VrfIndex vrf)
    {
        var isLocal = _sources[source.Value];
        vrf = isLocal ? new(_rows[(int)pathIdentifier - 1].Vrf) : default;
        return isLocal;
    }

    /// <summary>The VRF that has a path whatever it imports; false for one that it has by route target, or not at all.</summary>
    public bool TryFindOwner(SourceId source, uint pathIdentifier, out VrfIndex vrf) =>
        TryFindVrf(source, pathIdentifier, out vrf) && _rows[(int)pathIdentifier - 1] is not { IsByTarget: true, IsWithheld: false };

    /// <summary>The row of a publisher's route, -1 when there is none.</summary>
    public int Find(VrfIndex vrf, IpPrefix prefix, PublisherId publisher)
    {
        var key = new LocalRouteKey(vrf.Value, prefix, publisher);
        return _index.Find(key, key.Hash);
    }

    /// <summary>A route as it was published, but for communities beside the version's.</summary>
    public VrfLocalRoute Read(int index)
    {
        ref LocalRouteRow row = ref _rows[index];
        ref readonly AttributeSummary summary = ref _attributes.Summary(row.Attributes);
        return new()
        {
            Prefix = row.Prefix,
            Label = row.Label,
            Publisher = row.Publisher,
            NextHop = _attributes.NextHops[summary.NextHop],
            Version = summary.Version,
            LocalPreference = summary.Has(AttributeTraits.HasLocalPreference) ? summary.LocalPreference : null,
            Distinguisher = row.Distinguisher,
            Source = row.Source,
            IsByTarget = row.IsByTarget,
        };
    }

    /// <summary>Adds or replaces the route of a publisher.</summary>
    /// <returns>Where it is exported to.</returns>
    public LocalExport Set(Vrf vrf, in VrfLocalRoute route, out LocalExport? before)
    {
        before = null;
        var key = new LocalRouteKey(vrf.Index.Value, route.Prefix, route.Publisher);
        var found = _index.Find(key, key.Hash);
        AttributeSetId attributes = Intern(route);
        SourceId source = route.Source ?? Source;
        RouteDistinguisher distinguisher = route.Distinguisher ?? vrf.Distinguisher;
        if (found >= 0)
        {
            ref LocalRouteRow old = ref _rows[found];
            if (old.Distinguisher != distinguisher || old.Source != source)
            {
                before = Withdraw(found);
            }

            _attributes.Release(old.Attributes);
        }
        else
        {
            found = _rows.Take();
            Nlri nlri = Nlri.Of(route.Prefix);
            _rows[found] = new LocalRouteRow
            {
                High = nlri.High,
                Low = nlri.Low,
                Length = nlri.Length,
                Family = route.Prefix.Family,
                Vrf = vrf.Index.Value,
                Publisher = route.Publisher,
            };
            Link(vrf, found);
            _index.Add(found, key.Hash);
        }

        ref LocalRouteRow row = ref _rows[found];
        row.Attributes = attributes;
        row.Label = route.Label;
        row.Source = source;
        row.Distinguisher = distinguisher;
        row.HasOwnDistinguisher = route.Distinguisher is not null;
        row.IsByTarget = route.IsByTarget;
        _sources[source.Value] = true;
        return Announce(vrf, found);
    }

    /// <summary>Removes the route of a publisher.</summary>
    /// <returns>Where it was exported to; null when there was none.</returns>
    public LocalExport? Remove(Vrf vrf, IpPrefix prefix, PublisherId publisher)
    {
        var found = Find(vrf.Index, prefix, publisher);
        return found < 0 ? null : Remove(vrf, found);
    }

    /// <summary>Removes a route by its row.</summary>
    public LocalExport Remove(Vrf vrf, int row)
    {
        LocalExport export = Withdraw(row);
        ref LocalRouteRow gone = ref _rows[row];
        _attributes.Release(gone.Attributes);
        _index.Remove(row, KeyOf(gone).Hash);
        if (gone.Previous >= 0)
        {
            _rows[gone.Previous].Next = gone.Next;
        }
        else
        {
            vrf.FirstLocal = gone.Next;
        }

        if (gone.Next >= 0)
        {
            _rows[gone.Next].Previous = gone.Previous;
        }

        vrf.LocalRouteCount--;
        _rows.Give(row);
        return export;
    }

    /// <summary>Exports a route again, because what its VRF adds has changed.</summary>
    /// <returns>Where it is exported to, and where it was if that is another place.</returns>
    public LocalExport Republish(Vrf vrf, int row, out LocalExport? before)
    {
        before = null;
        if (!_rows[row].HasOwnDistinguisher && _rows[row].Distinguisher != vrf.Distinguisher)
        {
            before = Withdraw(row);
            _rows[row].Distinguisher = vrf.Distinguisher;
        }

        return Announce(vrf, row);
    }

    private static LocalRouteKey KeyOf(in LocalRouteRow row) => new(row.Vrf, row.Prefix, row.Publisher);

    private void Link(Vrf vrf, int row)
    {
        _rows[row].Previous = -1;
        _rows[row].Next = vrf.FirstLocal;
        if (vrf.FirstLocal >= 0)
        {
            _rows[vrf.FirstLocal].Previous = row;
        }

        vrf.FirstLocal = row;
        vrf.LocalRouteCount++;
    }

    // What the publisher says, without what the VRF adds.
    private AttributeSetId Intern(in VrfLocalRoute route)
    {
        _builder.Clear();
        _builder.SetOrigin(0);
        _builder.SetAsPath();
        _builder.SetNextHop(route.NextHop ?? _options.NextHopFor(route.Prefix.Family));
        if (route.LocalPreference is { } preference)
        {
            _builder.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, preference);
        }

        _communities.Clear();
        if (route.Version != 0)
        {
            _communities.Add(_attributes.Versions.Of(route.Version));
        }

        foreach (ExtendedCommunity community in route.Communities ?? [])
        {
            _communities.Add(community);
        }

        SetCommunities();
        return _attributes.Intern(_builder.Block);
    }

    private void SetCommunities()
    {
        _communities.Sort();
        _builder.SetExtendedCommunities(CollectionsMarshal.AsSpan(_communities));
    }

    private LocalExport Announce(Vrf vrf, int index)
    {
        ref LocalRouteRow row = ref _rows[index];
        Nlri nlri = row.Nlri;
        AttributeBlock own = _attributes[row.Attributes];
        _builder.Load(own);
        _communities.Clear();
        if (own.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> communities))
        {
            for (; communities.Length >= ExtendedCommunity.Size; communities = communities[ExtendedCommunity.Size..])
            {
                _communities.Add(new(BinaryPrimitives.ReadUInt64BigEndian(communities)));
            }
        }

        _communities.AddRange(vrf.ExportTargets);
        SetCommunities();
        AttributeSetId? judged = _export.Judge(vrf, _builder.Block, nlri, row.VpnFamily, row.Source == Source ? SourceKind.Local : SourceKind.Xmpp);
        row.IsWithheld = judged is null;
        AttributeSetId exported = judged ?? _export.Withheld(_attributes[row.Attributes]);
        _attributes.Acquire(exported);
        FamilyTable table = _tables(row.VpnFamily);
        table.Announce(nlri, row.Source, (uint)index + 1, exported, exported, row.Label.Value << 4 | 1);
        table.TryFind(nlri, out DestinationId destination);
        return new(row.VpnFamily, destination);
    }

    private LocalExport Withdraw(int index)
    {
        ref LocalRouteRow row = ref _rows[index];
        Nlri nlri = row.Nlri;
        FamilyTable table = _tables(row.VpnFamily);
        table.TryFind(nlri, out DestinationId destination);
        table.Withdraw(nlri, row.Source, (uint)index + 1);
        return new(row.VpnFamily, destination);
    }

    private readonly struct Keys(LocalRouteTable table) : IKeyedRows<LocalRouteKey>
    {
        public uint HashOf(int row) => KeyOf(table._rows[row]).Hash;

        public bool Matches(int row, scoped in LocalRouteKey key) => KeyOf(table._rows[row]) == key;
    }
}

/// <summary>A destination that a local route is exported to.</summary>
internal readonly record struct LocalExport(RouteFamily Family, DestinationId Destination);

using System.Buffers;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Export.Mrt;

/// <summary>
/// One dump of all tables (RFC 6396 §4.3), some destinations at a time: the index of peers, then a record for each destination with its accepted
/// paths; of destinations with labels, one for each label, since the label is part of the NLRI. Destinations where a path has an identifier are
/// written with identifiers (RFC 8050 §4). Routing thread.
/// </summary>
internal sealed class MrtTableWalk
{
    private const int DestinationsPerStep = 64;

    private readonly RoutingBase _routes;
    private readonly DateTimeOffset _time;
    private readonly FlowSpecStore? _flowSpecs;
    private readonly MrtOutput _output;
    private readonly Dictionary<SourceId, ushort> _index = [];
    private readonly ArrayBufferWriter<byte> _record = new();
    private readonly List<PathId> _paths = [];
    private uint _sequence;
    private int _family;
    private int _next;

    internal MrtTableWalk(RoutingBase routes, uint routerId, DateTimeOffset time, FlowSpecStore? flowSpecs, MrtOutput output)
    {
        _routes = routes;
        _time = time;
        _flowSpecs = flowSpecs;
        _output = output;
        WriteIndex(routerId);
    }

    /// <summary>Writes the next piece.</summary>
    /// <returns>Whether there is more.</returns>
    internal bool Step()
    {
        FamilyTable table = _routes.Families[_family];
        if (!table.Family.IsFlowSpec || _flowSpecs is not null)
        {
            var end = Math.Min(_next + DestinationsPerStep, table.DestinationCapacity);
            for (; _next < end; _next++)
            {
                var destination = new DestinationId(_next);
                if (table.Exists(destination))
                {
                    Write(table, destination);
                }
            }

            if (_next < table.DestinationCapacity)
            {
                return true;
            }
        }

        _next = 0;
        if (++_family < RouteFamilies.Count)
        {
            return true;
        }

        _output.Table([], _time);
        return false;
    }

    private void WriteIndex(uint routerId)
    {
        MrtWriter.Begin(_record, _time, MrtType.TableDumpV2, (ushort)MrtTableSubtype.PeerIndexTable);
        MrtWriter.U32(_record, routerId);
        MrtWriter.U16(_record, 0); // no name of a view
        List<(SourceId Id, SourceInfo Info)> sources = [];
        for (var i = 0; i < _routes.Sources.End; i++)
        {
            if (_routes.Sources.Find(new((ushort)i)) is { } info)
            {
                _index.Add(new((ushort)i), (ushort)sources.Count);
                sources.Add((new((ushort)i), info));
            }
        }

        MrtWriter.U16(_record, (ushort)sources.Count);
        foreach ((SourceId _, SourceInfo info) in sources)
        {
            MrtWriter.U8(_record, (byte)(2 | (info.Address.IsV6 ? 1 : 0))); // four octets of AS; the family
            MrtWriter.U32(_record, info.RouterId);
            MrtWriter.Address(_record, info.Address);
            MrtWriter.U32(_record, info.As.Value);
        }

        _output.Table(MrtWriter.End(_record), _time);
    }

    private void Write(FamilyTable table, DestinationId destination)
    {
        _paths.Clear();
        foreach (PathId path in table.PathsOf(destination))
        {
            ref readonly PathRow row = ref table.Row(path);
            if (!row.Accepted.IsNone && _index.ContainsKey(row.Source))
            {
                _paths.Add(path);
            }
        }

        foreach (IGrouping<uint, PathId> paths in _paths.GroupBy(path => table.Row(path).Label))
        {
            Write(table, table.NlriOf(destination), paths.Key, [.. paths]);
        }
    }

    private void Write(FamilyTable table, in Nlri nlri, uint label, PathId[] paths)
    {
        RouteFamily family = table.Family;
        var addPath = Array.Exists(paths, path => table.Row(path).PathIdentifier != 0);
        MrtTableSubtype subtype = family switch
        {
            RouteFamily.Ipv4Unicast => addPath ? MrtTableSubtype.RibIpv4UnicastAddPath : MrtTableSubtype.RibIpv4Unicast,
            RouteFamily.Ipv6Unicast => addPath ? MrtTableSubtype.RibIpv6UnicastAddPath : MrtTableSubtype.RibIpv6Unicast,
            _ => addPath ? MrtTableSubtype.RibGenericAddPath : MrtTableSubtype.RibGeneric,
        };
        MrtWriter.Begin(_record, _time, MrtType.TableDumpV2, (ushort)subtype);
        MrtWriter.U32(_record, _sequence++);
        if (subtype is MrtTableSubtype.RibGeneric or MrtTableSubtype.RibGenericAddPath)
        {
            MrtWriter.U16(_record, family.Afi);
            MrtWriter.U8(_record, family.Safi);
        }

        var entry = new NlriEntry(nlri, 0, label);
        var size = NlriCodec.SizeOf(family, entry, false, _flowSpecs);
        _record.Advance(NlriCodec.Write(family, entry, addPath: false, withdrawn: false, _flowSpecs, _record.GetSpan(size)));
        MrtWriter.U16(_record, (ushort)paths.Length);
        foreach (PathId path in paths)
        {
            ref readonly PathRow row = ref table.Row(path);
            MrtWriter.U16(_record, _index[row.Source]);
            MrtWriter.U32(_record, (uint)(_routes.Clock.Epoch.ToUnixTimeSeconds() + row.ReceivedAt));
            if (addPath)
            {
                MrtWriter.U32(_record, row.PathIdentifier);
            }

            WriteAttributes(family, _routes.Attributes[row.Accepted]);
        }

        _output.Table(MrtWriter.End(_record), _time);
    }

    // IPv4 unicast has NEXT_HOP; the others MP_REACH_NLRI with nothing but length and next hop (RFC 6396 §4.3.4).
    private void WriteAttributes(RouteFamily family, AttributeBlock attributes)
    {
        Span<byte> reach = stackalloc byte[4 + NextHopCodec.MaximumSize];
        var reachSize = 0;
        if (family != RouteFamily.Ipv4Unicast && attributes.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> held))
        {
            var options = new CodecOptions { ExtendedNextHop = FamilySet.Of(family) };
            var size = NextHopCodec.Write(family, held, options, reach[4..]);
            if (size > 0)
            {
                reach[0] = (byte)AttributeFlags.Optional;
                reach[1] = (byte)AttributeCode.MpReachNlri;
                reach[2] = (byte)(size + 1);
                reach[3] = (byte)size;
                reachSize = 4 + size;
            }
        }

        var length = reachSize;
        foreach (AttributeView attribute in attributes)
        {
            length += family != RouteFamily.Ipv4Unicast && attribute.Code == AttributeCode.NextHop ? 0 : attribute.Whole.Length;
        }

        MrtWriter.U16(_record, (ushort)length);
        foreach (AttributeView attribute in attributes)
        {
            if (attribute.Code > AttributeCode.MpReachNlri && reachSize > 0)
            {
                _record.Write(reach[..reachSize]);
                reachSize = 0;
            }

            if (family == RouteFamily.Ipv4Unicast || attribute.Code != AttributeCode.NextHop)
            {
                _record.Write(attribute.Whole);
            }
        }

        _record.Write(reach[..reachSize]);
    }
}

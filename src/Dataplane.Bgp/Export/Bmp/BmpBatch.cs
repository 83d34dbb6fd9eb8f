using System.Buffers;
using System.Runtime.InteropServices;
using Dataplane.Bgp.Settings;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>
/// Routes that are going to be monitored, collected so that those of one view, peer, family and set of attributes share an UPDATE. Holds a
/// reference to each set and flow specification that it names. Routing thread.
/// </summary>
internal sealed class BmpBatch(AttributeStore attributes, FlowSpecStore flowSpecs)
{
    /// <summary>More than this many are better written before more are collected.</summary>
    public const int Enough = 1024;

    private readonly List<Item> _items = [];
    private readonly List<NlriEntry> _run = [];
    private readonly ArrayBufferWriter<byte> _updates = new(64 * 1024);

    /// <summary>Takes a whole UPDATE of a batch.</summary>
    public delegate void Sink(BmpViews view, SourceId source, ReadOnlySpan<byte> update);

    /// <summary>Routes collected.</summary>
    public int Count => _items.Count;

    /// <summary>Adds a route.</summary>
    /// <param name="view">One view.</param>
    /// <param name="source">Whose; anything for the Loc-RIB.</param>
    /// <param name="family">The family.</param>
    /// <param name="set">Its attributes; none when it is withdrawn.</param>
    /// <param name="entry">The route.</param>
    public void Add(BmpViews view, SourceId source, RouteFamily family, AttributeSetId set, in NlriEntry entry)
    {
        attributes.Acquire(set);
        if (family.IsFlowSpec)
        {
            flowSpecs.Acquire((uint)entry.Nlri.Low);
        }

        _items.Add(new((ulong)view << 56 | (ulong)source.Value << 40 | (ulong)family << 32 | set.Value, entry));
    }

    /// <summary>Writes what was collected.</summary>
    /// <param name="sorted">Whether the order does not matter: each route of a view and peer is in it once.</param>
    /// <param name="codec">How the routes of a view and peer are written.</param>
    /// <param name="sink">Takes the UPDATEs.</param>
    public void Flush(bool sorted, Func<BmpViews, SourceId, CodecOptions> codec, Sink sink)
    {
        if (sorted)
        {
            _items.Sort(static (left, right) => left.Key.CompareTo(right.Key));
        }

        Span<Item> items = CollectionsMarshal.AsSpan(_items);
        for (var start = 0; start < items.Length;)
        {
            var key = items[start].Key;
            _run.Clear();
            var end = start;
            while (end < items.Length && items[end].Key == key)
            {
                _run.Add(items[end++].Entry);
            }

            var (view, source) = ((BmpViews)(key >> 56), new SourceId((ushort)(key >> 40)));
            Encode((RouteFamily)(byte)(key >> 32), new((uint)key), codec(view, source));
            ForEach(_updates.WrittenSpan, view, source, sink);
            _updates.ResetWrittenCount();
            for (; start < end; start++)
            {
                attributes.Release(new((uint)key));
                if (((RouteFamily)(byte)(key >> 32)).IsFlowSpec)
                {
                    flowSpecs.Release((uint)items[start].Entry.Nlri.Low);
                }
            }
        }

        _items.Clear();
    }

    /// <summary>Calls a sink for each message of a sequence of them.</summary>
    public static void ForEach(ReadOnlySpan<byte> messages, BmpViews view, SourceId source, Sink sink)
    {
        while (MessageHeader.TryTake(ref messages, out MessageType type, out ReadOnlySpan<byte> message))
        {
            if (type == MessageType.Update)
            {
                sink(view, source, message);
            }
        }
    }

    private void Encode(RouteFamily family, AttributeSetId set, CodecOptions codec)
    {
        ReadOnlySpan<NlriEntry> routes = CollectionsMarshal.AsSpan(_run);
        if (set.IsNone)
        {
            _ = UpdateEncoder.EncodeUnreach(family, routes, codec, _updates);
            return;
        }

        while (!routes.IsEmpty)
        {
            var done = UpdateEncoder.EncodeReach(family, attributes[set], routes, codec, _updates).Routes;
            routes = routes[done..];
            if (!routes.IsEmpty)
            {
                // It does not fit into a message of the session's size, in four-octet form: then into a larger one, or not at all.
                var large = UpdateEncoder.EncodeReach(family, attributes[set], routes[..1], codec with { ExtendedMessages = true }, _updates);
                routes = routes[1..];
                if (large.Routes == 0)
                {
                    return;
                }
            }
        }
    }

    private readonly record struct Item(ulong Key, NlriEntry Entry);
}

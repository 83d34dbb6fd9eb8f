using System.Numerics;
using Dataplane.Bgp.Speaker.Rules;
using Dataplane.Bgp.Transport;
using Dataplane.Bgp.Wire;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <content>A flush.</content>
internal sealed partial class UpdateGroup
{
    // About 2 ms of work when every route has attributes of its own.
    private const int RoutesPerFlush = 4096;
    private const int WordsPerFlush = 1024;
    private const int ChunkOctets = 56 << 10;
    private const int RentedOctets = 64 << 10;

    /// <summary>Sends a bounded part of what is marked. Only while the table is settled: a best path that is being chosen is no withdrawal.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool Flush()
    {
        var ready = Ready();
        if (ready == 0)
        {
            return false;
        }

        FlushBatch batch = _context.Batch;
        batch.Clear();
        var words = 0;
        for (int word; words < WordsPerFlush && batch.Count < RoutesPerFlush && (word = NextWord(ready)) >= 0; words++)
        {
            _cursor = word + 1;
            TakeWord(word, ready, out var any, out var isUniform);
            if (any == 0)
            {
                continue;
            }

            if (SendsPaths)
            {
                SendPathsOfWord(word, ready, any);
            }
            else
            {
                SendWord(word, ready, any, isUniform);
            }
        }

        if (batch.Count > 0)
        {
            Emit(batch);
        }

        _family.Unpin();

        return FinishDumps(ready) || words > 0;
    }

    /// <summary>Takes a word off the marks of everybody who is ready, and keeps it for those who are not.</summary>
    private void TakeWord(int word, ulong ready, out ulong any, out bool isUniform)
    {
        var common = _common.Take(word);
        any = 0;
        var all = ulong.MaxValue;
        for (var rest = _present; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            GroupMember member = _members[slot]!;
            if ((ready >> slot & 1) != 0)
            {
                var marks = member.Dirty.Take(word) | common;
                _marks[slot] = marks;
                any |= marks;
                all &= marks;
                member.WordSent(word);
            }
            else if (member.IsActive)
            {
                member.Dirty.Mark(word, common);
            }
        }

        isUniform = any == all;
    }

    private void SendWord(int word, ulong ready, ulong any, bool isUniform)
    {
        FlushBatch batch = _context.Batch;
        var someHave = 0UL;
        var allHave = ulong.MaxValue;
        for (var rest = ready; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            var sent = _members[slot]!.Sent(0)[word];
            _had[slot] = _has[slot] = sent;
            someHave |= sent;
            allHave &= sent;
        }

        var gone = 0UL;
        for (var rest = any; rest != 0; rest &= rest - 1)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            var destination = new DestinationId(word * DestinationBitmap.WordBits + bit);
            var recipients = isUniform ? ready : Collect(_marks, ready, bit);
            var have = (someHave >> bit & 1) == 0 ? 0 : (allHave >> bit & 1) != 0 ? recipients : Collect(_had, recipients, bit);
            PathId path = Choose(destination);
            var slot = FlushBatch.Withdrawn;
            var to = 0UL;
            if (!path.IsNone)
            {
                slot = SlotOf(destination, path);
                to = batch.PermittedOf(slot) & recipients;
                if (to != 0)
                {
                    batch.Add(slot, to, new(_table.NlriOf(destination), 0, _table.Row(path).Label), destination.Value);
                    Put(_has, to, 1UL << bit);
                }
            }

            var from = have & ~to;
            if (from != 0)
            {
                batch.Add(FlushBatch.Withdrawn, from, new(_table.NlriOf(destination)), destination.Value);
                Remove(_has, from, 1UL << bit);
                gone |= 1UL << bit;
            }
        }

        for (var rest = ready; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            _members[slot]!.Store(0, word, _had[slot], _has[slot]);
        }

        _family.Withdrawn(word, gone);
    }

    /// <summary>The path that is advertised: the best one, but for memberships.</summary>
    private PathId Choose(DestinationId destination)
    {
        PathId best = _table.Exists(destination) ? _table.BestOf(destination) : PathId.None;
        return best.IsNone || Key.Profile.Family != RouteFamily.RouteTargetConstraint ? best : ChooseMembership(destination, best);
    }

    private PathId ChooseMembership(DestinationId destination, PathId best)
    {
        SourceInfo source = _context.Routes.Sources[_table.Row(best).Source];
        if (source.Kind == SourceKind.Local && !Key.Profile.DefaultRouteTarget && _table.NlriOf(destination).Length == 0)
        {
            // Our default membership is for some peers only; others are sent what it stands before.
            best = _table.Ranked(destination, _ranked.AsSpan(0, 2)) > 1 ? _ranked[1] : PathId.None;
            source = best.IsNone ? source : _context.Routes.Sources[_table.Row(best).Source];
        }

        if (best.IsNone || Key.Profile.Kind != PeerKind.Internal || source.Kind != SourceKind.Ibgp || source.IsRouteReflectorClient)
        {
            return best;
        }

        // RFC 4684 §3.2 ii: to a non-client the path of a client is advertised where the best one is that of a non-client.
        foreach (PathId path in _table.PathsOf(destination))
        {
            if (!_table.Row(path).Accepted.IsNone && _context.Routes.Sources[_table.Row(path).Source].IsRouteReflectorClient)
            {
                return path;
            }
        }

        return best;
    }

    /// <summary>
    /// The slot of a path: rules and policy are asked once per flush about each set of attributes from each source, unless the policy looks at each
    /// route; of memberships it always may, since it is the NLRI that has the target.
    /// </summary>
    private int SlotOf(DestinationId destination, PathId path)
    {
        FlushBatch batch = _context.Batch;
        ref readonly PathRow row = ref _table.Row(path);
        if (!Key.Profile.AdvertiseSpecifics && _context.IsSuppressed is { } isSuppressed && isSuppressed(_table, destination))
        {
            return batch.AddSlot(null, default, 0);
        }

        ulong? key = _policy is { LooksAtNlri: true } || (_policy is not null && Key.Profile.Family == RouteFamily.RouteTargetConstraint)
            ? null
            : (ulong)row.Source.Value << 33 | (ulong)row.Accepted.Value << 1 | ((row.State & PathState.LlgrStale) != 0 ? 1UL : 0);
        if (key is { } known && batch.FindSlot(known) is >= 0 and var found)
        {
            return found;
        }

        PathOrigin origin = _context.OriginOf(row, Key.Profile.RouterId);
        AttributeBlockBuilder result = _context.Result;
        var leaves = _context.Rules.Apply(
            Key.Profile, _context.Routes.Attributes[row.Accepted], origin, _policy is null ? default : _table.NlriOf(destination), _policy, result);
        return batch.AddSlot(key, result.Block, leaves ? Permitted(row, result.Block) : 0);
    }

    /// <summary>The members that may be sent a path with these attributes.</summary>
    private ulong Permitted(in PathRow row, AttributeBlock block)
    {
        var originator = block.TryGet(AttributeCode.OriginatorId, out ReadOnlySpan<byte> value)
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(value)
            : 0;
        RouteTargetSetId targets = _context.Routes.Attributes.Summary(row.Accepted).RouteTargets;
        var isMembership = Key.Profile.Family == RouteFamily.RouteTargetConstraint && Key.Profile.Kind == PeerKind.Client;
        var permitted = 0UL;
        var rewritten = RouteTargetSetId.Empty;
        if (_policy is not null && Key.Profile.Family.IsVpn)
        {
            _ = block.TryGet(AttributeCode.ExtendedCommunities, out ReadOnlySpan<byte> communities);
            targets = rewritten = _context.Routes.RouteTargets.Intern(communities);
        }

        for (var rest = _present; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            GroupMember member = _members[slot]!;
            if (((member.Source != row.Source && (originator == 0 || originator != member.RouterId)) || isMembership)
                && (member.Filter is null || member.Filter.Wants(targets)))
            {
                permitted |= 1UL << slot;
            }
        }

        _context.Routes.RouteTargets.Release(rewritten);
        return permitted;
    }

    private void Emit(FlushBatch batch)
    {
        batch.Sort();
        var recipients = 0UL;
        SharedBuffer? writer = null;
        var updates = 0;
        for (var place = 0; place < batch.BucketCount; place++)
        {
            BucketView bucket = batch[place];
            if (writer is not null && (bucket.Recipients != recipients || writer.Length >= ChunkOctets))
            {
                Send(writer, recipients, updates);
                writer = null;
                updates = 0;
            }

            recipients = bucket.Recipients;
            writer ??= SharedBuffer.Rent(RentedOctets);
            updates += bucket.IsReach
                ? Announce(bucket, writer)
                : UpdateEncoder.EncodeUnreach(Key.Profile.Family, bucket.Routes, Key.Codec, writer).Messages;
        }

        if (writer is not null)
        {
            Send(writer, recipients, updates);
        }
    }

    private int Announce(BucketView bucket, SharedBuffer writer)
    {
        var messages = 0;
        RouteFamily family = Key.Profile.Family;
        ReadOnlySpan<NlriEntry> routes = bucket.Routes;
        ReadOnlySpan<int> destinations = bucket.Destinations;
        while (true)
        {
            EncodedUpdates encoded = UpdateEncoder.EncodeReach(family, bucket.Attributes, routes, Key.Codec, writer);
            messages += encoded.Messages;
            if (encoded.Routes == routes.Length)
            {
                return messages;
            }

            // The attributes leave no room for this route: it cannot be advertised, and an older one must not stand.
            ReadOnlySpan<NlriEntry> unfit = routes.Slice(encoded.Routes, 1);
            messages += UpdateEncoder.EncodeUnreach(family, unfit, Key.Codec, writer).Messages;
            Forget(bucket.Recipients, destinations[encoded.Routes], SendsPaths ? (int)unfit[0].PathIdentifier - 1 : 0);
            routes = routes[(encoded.Routes + 1)..];
            destinations = destinations[(encoded.Routes + 1)..];
        }
    }

    private void Forget(ulong recipients, int destination, int plane)
    {
        var word = destination / DestinationBitmap.WordBits;
        var bit = 1UL << (destination % DestinationBitmap.WordBits);
        for (var rest = recipients; rest != 0; rest &= rest - 1)
        {
            GroupMember member = _members[BitOperations.TrailingZeroCount(rest)]!;
            var sent = member.Sent(plane)[word];
            member.Store(plane, word, sent, sent & ~bit);
        }

        _family.Withdrawn(word, bit);
    }

    private void Send(SharedBuffer messages, ulong recipients, int updates)
    {
        for (var rest = recipients; rest != 0; rest &= rest - 1)
        {
            _members[BitOperations.TrailingZeroCount(rest)]!.Sink.Send(messages, updates);
        }

        messages.Release();
        _context.Latency.Sent();
    }

    /// <summary>Marks the ends of walks that are through.</summary>
    private bool FinishDumps(ulong ready)
    {
        var any = false;
        for (var rest = ready; rest != 0; rest &= rest - 1)
        {
            GroupMember member = _members[BitOperations.TrailingZeroCount(rest)]!;
            if (member.IsDumpDone)
            {
                member.EndDump();
                _family.FinishDump(member);
                any = true;
            }
        }

        return any;
    }

    private static ulong Collect(ulong[] words, ulong members, int bit)
    {
        var collected = 0UL;
        for (var rest = members; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            collected |= (words[slot] >> bit & 1) << slot;
        }

        return collected;
    }

    private static void Put(ulong[] words, ulong members, ulong bit)
    {
        for (var rest = members; rest != 0; rest &= rest - 1)
        {
            words[BitOperations.TrailingZeroCount(rest)] |= bit;
        }
    }

    private static void Remove(ulong[] words, ulong members, ulong bit)
    {
        for (var rest = members; rest != 0; rest &= rest - 1)
        {
            words[BitOperations.TrailingZeroCount(rest)] &= ~bit;
        }
    }
}

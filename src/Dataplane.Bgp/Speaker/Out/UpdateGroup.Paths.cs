using System.Numerics;
using Dataplane.Routing;
using Dataplane.Routing.Rib;

namespace Dataplane.Bgp.Speaker.Out;

/// <content>Several paths per destination (RFC 7911).</content>
internal sealed partial class UpdateGroup
{
    private readonly PathId[] _ranked = new PathId[AddPathIdentities.MaximumPlanes];
    private readonly int[] _slots = new int[AddPathIdentities.MaximumPlanes];
    private readonly int[] _planes = new int[AddPathIdentities.MaximumPlanes];
    private readonly ulong[] _toOfPath = new ulong[AddPathIdentities.MaximumPlanes];
    private readonly ulong[] _fromOfPlane = new ulong[AddPathIdentities.MaximumPlanes];

    private void SendPathsOfWord(int word, ulong ready, ulong any)
    {
        for (var rest = any; rest != 0; rest &= rest - 1)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            SendPaths(new(word * DestinationBitmap.WordBits + bit), Collect(_marks, ready, bit));
        }
    }

    private void SendPaths(DestinationId destination, ulong recipients)
    {
        FlushBatch batch = _context.Batch;
        AddPathIdentities identities = _family.Identities;

        // One more than are sent: a peer's own path is among them and does not go back to it.
        var wanted = Math.Min(Key.MaximumPaths + 1, _ranked.Length);
        var count = _table.Exists(destination) ? _table.Ranked(destination, _ranked.AsSpan(0, wanted)) : 0;
        Nlri nlri = _table.Exists(destination) ? _table.NlriOf(destination) : default;
        for (var i = 0; i < count; i++)
        {
            ref readonly PathRow row = ref _table.Row(_ranked[i]);
            _slots[i] = SlotOf(destination, _ranked[i]);
            _planes[i] = identities.PlaneOf(destination.Value, row.Source, row.PathIdentifier);
        }

        _toOfPath.AsSpan(0, count).Clear();
        _fromOfPlane.AsSpan(0, identities.Planes).Clear();
        var word = destination.Value / DestinationBitmap.WordBits;
        var bitOfWord = destination.Value % DestinationBitmap.WordBits;
        for (var rest = recipients; rest != 0; rest &= rest - 1)
        {
            var slot = BitOperations.TrailingZeroCount(rest);
            GroupMember member = _members[slot]!;
            var keeps = 0UL;
            for (int i = 0, left = Key.MaximumPaths; i < count && left > 0; i++)
            {
                if (_planes[i] >= 0 && (batch.PermittedOf(_slots[i]) >> slot & 1) != 0)
                {
                    keeps |= 1UL << _planes[i];
                    left--;
                    _toOfPath[i] |= 1UL << slot;
                }
            }

            for (var plane = 0; plane < identities.Planes; plane++)
            {
                var sent = member.Sent(plane)[word];
                var bit = 1UL << bitOfWord;
                if ((keeps >> plane & 1) != 0)
                {
                    member.Store(plane, word, sent, sent | bit);
                }
                else if ((sent & bit) != 0)
                {
                    _fromOfPlane[plane] |= 1UL << slot;
                    member.Store(plane, word, sent, sent & ~bit);
                }
            }
        }

        for (var i = 0; i < count; i++)
        {
            if (_toOfPath[i] != 0)
            {
                batch.Add(_slots[i], _toOfPath[i], new(nlri, (uint)_planes[i] + 1, _table.Row(_ranked[i]).Label), destination.Value);
            }
        }

        for (var plane = 0; plane < identities.Planes; plane++)
        {
            if (_fromOfPlane[plane] != 0)
            {
                batch.Add(FlushBatch.Withdrawn, _fromOfPlane[plane], new(nlri, (uint)plane + 1), destination.Value);
            }
        }

        _family.FreePlanes(destination.Value);
        _family.Withdrawn(word, 1UL << bitOfWord);
    }
}

using System.Buffers.Binary;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <content>
/// MP_REACH_NLRI, type 14, and MP_UNREACH_NLRI, type 15, both optional non-transitive (RFC 4760 §3, §4; errors: RFC 7606 §3 g, §5.3, §7.11, §7.12).
/// <code>
/// MP_REACH_NLRI
/// +-------------------------------+---------------+---------------+
/// |              AFI              |     SAFI      | next hop len. |
/// +-------------------------------+---------------+---------------+
/// |  next hop ...                 |  reserved (1) |  NLRI ...     |
/// +-------------------------------+---------------+---------------+
/// MP_UNREACH_NLRI
/// +-------------------------------+---------------+---------------+
/// |              AFI              |     SAFI      |  NLRI ...     |
/// +-------------------------------+---------------+---------------+
/// </code>
/// When one of them is incorrect its routes cannot be known. If its family is known, and is not the session's only one, that family is disabled
/// (RFC 4760 §7); otherwise nothing would be left of the session, and it is reset.
/// </content>
internal ref partial struct UpdateReader
{
    private const int ReachMinimum = 5;
    private const int UnreachMinimum = 3;
    private const int NextHopAt = 4;

    private void KeepMultiprotocol(AttributeFlags flags, AttributeCode code, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
    {
        var isReach = code == AttributeCode.MpReachNlri;
        _hasReachable |= isReach && value.Length > ReachMinimum && value.Length != ReachMinimum + value[NextHopAt - 1];
        if (value.Length < (isReach ? ReachMinimum : UnreachMinimum))
        {
            Reset(code, FaultKind.Length, UpdateError.OptionalAttribute, whole);
        }
        else if ((flags & DefiningFlags) != AttributeFlags.Optional)
        {
            NoteIncorrect(code, FaultKind.Flags, value, whole);
        }
        else if (isReach)
        {
            _reach = value;
        }
        else
        {
            _unreach = value;
        }
    }

    private void ReadUnreach()
    {
        if (_unreach.IsEmpty || !TryFamily(AttributeCode.MpUnreachNlri, _unreach, out RouteFamily family))
        {
            return;
        }

        ReadOnlySpan<byte> nlri = _unreach[UnreachMinimum..];
        if (nlri.IsEmpty)
        {
            _emptyUnreach = family;
            return;
        }

        RouteGroup group = _into.AddWithdrawn(family);
        if (!TryReadRoutes(AttributeCode.MpUnreachNlri, family, nlri, group.Entries))
        {
            group.Entries.Clear();
            NoteIncorrect(AttributeCode.MpUnreachNlri, FaultKind.Nlri, _unreach, _unreach);
        }
    }

    private void ReadReach()
    {
        if (_reach.IsEmpty || !TryFamily(AttributeCode.MpReachNlri, _reach, out RouteFamily family))
        {
            return;
        }

        int nextHopLength = _reach[NextHopAt - 1];
        if (nextHopLength > _reach.Length - ReachMinimum || !NextHopCodec.IsLength(family, nextHopLength, _options))
        {
            NoteIncorrect(AttributeCode.MpReachNlri, FaultKind.Length, _reach, _reach);
            return;
        }

        ReadOnlySpan<byte> nextHop = _into.SetMpNextHop(_reach.Slice(NextHopAt, nextHopLength));
        ReadOnlySpan<byte> nlri = _reach[(ReachMinimum + nextHopLength)..];
        if (nlri.IsEmpty)
        {
            return;
        }

        _reachGroup = _into.AddAnnounced(family);
        if (!TryReadRoutes(AttributeCode.MpReachNlri, family, nlri, _reachGroup.Entries))
        {
            _reachGroup.Entries.Clear();
            NoteIncorrect(AttributeCode.MpReachNlri, FaultKind.Nlri, _reach, _reach);
        }
        else if (!family.IsFlowSpec && !NextHopCodec.IsHost(nextHop))
        {
            Note(AttributeCode.MpReachNlri, FaultKind.Value, UpdateAction.TreatAsWithdraw, UpdateError.InvalidNextHop, _reach);
        }
    }

    /// <summary>The family of one of the two; when it was not negotiated, what came is ignored.</summary>
    private bool TryFamily(AttributeCode code, ReadOnlySpan<byte> value, out RouteFamily family)
    {
        if (RouteFamilies.TryGet(BinaryPrimitives.ReadUInt16BigEndian(value), value[2], out family) && _options.Families.Contains(family)
            && (!family.IsFlowSpec || _options.FlowSpecs is not null))
        {
            return true;
        }

        Note(code, FaultKind.UnexpectedFamily, UpdateAction.DiscardAttribute);
        return false;
    }

    private bool TryReadRoutes(AttributeCode code, RouteFamily family, ReadOnlySpan<byte> nlri, List<NlriEntry> to)
    {
        var addPath = _options.AddPathReceive.Contains(family);
        if (!family.IsFlowSpec)
        {
            return NlriCodec.TryRead(family, nlri, addPath, to);
        }

        var whole = FlowSpecNlri.TryRead(family, nlri, addPath, _options.FlowSpecs!, to, _into.Hold(_options.FlowSpecs!), out var malformed);
        if (malformed)
        {
            // Its length says where the next one starts, so the others are known; the rule itself was never taken (RFC 8955 §10).
            Note(code, FaultKind.FlowSpecification, UpdateAction.TreatAsWithdraw, UpdateError.OptionalAttribute, nlri);
        }

        return whole;
    }

    private void NoteIncorrect(AttributeCode code, FaultKind kind, ReadOnlySpan<byte> value, ReadOnlySpan<byte> data)
    {
        var known = RouteFamilies.TryGet(BinaryPrimitives.ReadUInt16BigEndian(value), value[2], out RouteFamily family);
        if (known && _options.Families.Contains(family) && _options.Families.Count > 1)
        {
            _disabled = _disabled.With(family);
            Note(code, kind, UpdateAction.DisableFamily, UpdateError.OptionalAttribute, data);
        }
        else
        {
            Reset(code, kind, UpdateError.OptionalAttribute, data);
        }
    }
}

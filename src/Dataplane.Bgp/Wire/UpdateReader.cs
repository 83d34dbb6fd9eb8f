using System.Buffers.Binary;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>
/// One pass over an UPDATE: lengths, withdrawn routes, attributes (UpdateReader.Attributes.cs), MP_UNREACH_NLRI and MP_REACH_NLRI
/// (UpdateReader.Multiprotocol.cs), NLRI, then what the errors found on the way ask for. All of it is read whatever the errors, so that
/// "treat-as-withdraw" knows all routes (RFC 7606 §3 j); the strongest approach wins (§3 h).
/// </summary>
internal ref partial struct UpdateReader
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly CodecOptions _options;
    private readonly DecodedUpdate _into;
    private readonly AttributeBlockBuilder _common; // the attributes without a next hop

    // What the attributes are that count as a whole only: these, and those that two-octet speakers split in two.
    private ReadOnlySpan<byte> _nextHop;
    private ReadOnlySpan<byte> _reach;
    private ReadOnlySpan<byte> _unreach;
    private ReadOnlySpan<byte> _twoOctetPath;
    private ReadOnlySpan<byte> _as4Path;
    private ReadOnlySpan<byte> _twoOctetAggregator;
    private ReadOnlySpan<byte> _as4Aggregator;
    private AttributeFlags _aggregatorFlags;

    private SeenCodes _seen;
    private bool _hasReachable;
    private bool _hasOtherThanUnreach;
    private RouteGroup? _reachGroup;
    private RouteFamily? _emptyUnreach;

    private UpdateAction _action;
    private bool _treatAsWithdraw;
    private FamilySet _disabled;
    private UpdateError _error;
    private ReadOnlySpan<byte> _errorData;
    private AttributeCode _missing;

    public UpdateReader(ReadOnlySpan<byte> body, CodecOptions options, DecodedUpdate into)
    {
        _body = body;
        _options = options;
        _into = into;
        _common = into.Common;
    }

    public void Read()
    {
        if (!TrySplit(out ReadOnlySpan<byte> withdrawn, out ReadOnlySpan<byte> attributes, out ReadOnlySpan<byte> nlri))
        {
            Reset(default, FaultKind.Framing, UpdateError.MalformedAttributeList);
            Finish();
            return;
        }

        ReadField(withdrawn, announced: false);
        ReadAttributes(attributes);
        ReadUnreach();
        ReadReach();
        ReadField(nlri, announced: true);
        if (_hasReachable)
        {
            RequireMandatory(classic: !nlri.IsEmpty);
        }

        _into.EndOfRib = EndOfRib(withdrawn, attributes, nlri);
        Finish();
    }

    private readonly bool TrySplit(out ReadOnlySpan<byte> withdrawn, out ReadOnlySpan<byte> attributes, out ReadOnlySpan<byte> nlri)
    {
        withdrawn = attributes = nlri = default;
        if (_body.Length < 4)
        {
            return false;
        }

        int withdrawnLength = BinaryPrimitives.ReadUInt16BigEndian(_body);
        if (withdrawnLength > _body.Length - 4)
        {
            return false;
        }

        int attributesLength = BinaryPrimitives.ReadUInt16BigEndian(_body[(2 + withdrawnLength)..]);
        if (withdrawnLength + attributesLength > _body.Length - 4)
        {
            return false;
        }

        withdrawn = _body.Slice(2, withdrawnLength);
        attributes = _body.Slice(4 + withdrawnLength, attributesLength);
        nlri = _body[(4 + withdrawnLength + attributesLength)..];
        return true;
    }

    /// <summary>The withdrawn routes or the NLRI field: IPv4 unicast.</summary>
    private void ReadField(ReadOnlySpan<byte> octets, bool announced)
    {
        if (octets.IsEmpty)
        {
            return;
        }

        _hasReachable |= announced;
        RouteGroup group = announced ? _into.AddAnnounced(RouteFamily.Ipv4Unicast) : _into.AddWithdrawn(RouteFamily.Ipv4Unicast);
        if (!NlriCodec.TryRead(RouteFamily.Ipv4Unicast, octets, _options.AddPathReceive.Contains(RouteFamily.Ipv4Unicast), group.Entries))
        {
            Reset(default, FaultKind.Nlri, UpdateError.InvalidNetworkField);
        }
        else if (!_options.Families.Contains(RouteFamily.Ipv4Unicast))
        {
            group.Entries.Clear();
            Note(default, FaultKind.UnexpectedFamily, UpdateAction.DiscardAttribute);
        }
    }

    /// <summary>RFC 7606 §3 d; NEXT_HOP goes with the NLRI field only (RFC 4760 §3).</summary>
    private void RequireMandatory(bool classic)
    {
        Require(AttributeCode.Origin);
        Require(AttributeCode.AsPath);
        if (classic)
        {
            Require(AttributeCode.NextHop);
            if (_nextHop.Length == 4 && !NextHopCodec.IsHost(_nextHop))
            {
                Note(AttributeCode.NextHop, FaultKind.Value, UpdateAction.TreatAsWithdraw, UpdateError.InvalidNextHop);
            }
        }
    }

    private void Require(AttributeCode code)
    {
        if (!_seen.Contains(code))
        {
            _missing = _missing == default ? code : _missing;
            Note(code, FaultKind.Missing, UpdateAction.TreatAsWithdraw, UpdateError.MissingWellKnown);
        }
    }

    /// <summary>RFC 4724 §2: an UPDATE with nothing in it, or with an MP_UNREACH_NLRI without routes and nothing else.</summary>
    private readonly RouteFamily? EndOfRib(ReadOnlySpan<byte> withdrawn, ReadOnlySpan<byte> attributes, ReadOnlySpan<byte> nlri) =>
        !withdrawn.IsEmpty || !nlri.IsEmpty ? null
        : attributes.IsEmpty ? _options.Families.Contains(RouteFamily.Ipv4Unicast) ? RouteFamily.Ipv4Unicast : null
        : _seen.Count == 1 && _emptyUnreach is { } family ? family
        : null;

    private void Finish()
    {
        // RFC 7606 §5.2: with attributes but no reachable routes, routes may have been lost in what could not be read.
        if (_action is UpdateAction.TreatAsWithdraw or UpdateAction.DisableFamily && !_hasReachable && _hasOtherThanUnreach)
        {
            _action = UpdateAction.ResetSession;
        }

        switch (_action)
        {
            case UpdateAction.ResetSession:
                _into.DropRoutes();
                _into.Outcome = new(_action, Error: _error == UpdateError.MissingWellKnown
                    ? NotificationMessage.Of(_error, [(byte)_missing])
                    : NotificationMessage.Of(_error, _errorData));
                return;
            case UpdateAction.TreatAsWithdraw or UpdateAction.DisableFamily when _treatAsWithdraw:
                _into.WithdrawAnnounced();
                break;
            default:
                foreach (RouteGroup group in _into.Announced)
                {
                    group.Builder.Load(_common.Block);
                    ReadOnlySpan<byte> nextHop = ReferenceEquals(group, _reachGroup) ? _into.MpNextHop : _nextHop;
                    if (!nextHop.IsEmpty)
                    {
                        group.Builder.Set(AttributeCode.NextHop, NextHopAttribute.Flags, nextHop);
                    }
                }

                break;
        }

        _into.Outcome = new(_action, _disabled);
    }

    private void Reset(AttributeCode code, FaultKind kind, UpdateError error, ReadOnlySpan<byte> data = default) =>
        Note(code, kind, UpdateAction.ResetSession, error, data);

    /// <summary>Notes an error; the notification is that of the first error of the strongest approach.</summary>
    private void Note(
        AttributeCode code, FaultKind kind, UpdateAction action, UpdateError error = UpdateError.OptionalAttribute, ReadOnlySpan<byte> data = default)
    {
        _into.Faults.Add(new(code, kind, action));
        _treatAsWithdraw |= action == UpdateAction.TreatAsWithdraw;
        if (action > UpdateAction.DiscardAttribute && action > _action)
        {
            _error = error;
            _errorData = data;
        }

        _action = action > _action ? action : _action;
    }
}

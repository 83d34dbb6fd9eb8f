using System.Buffers.Binary;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <content>
/// The path attributes.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-------+---------------+---------------+---------------+
/// |O|T|P|E| unused|   type code   | length, 1 octet, or 2 with E  |
/// +-+-+-+-+-------+---------------+---------------+---------------+
/// |  value ...          O optional, T transitive, P partial, E extended length
/// +---------------------------------------------------------------+
/// </code>
/// </content>
internal ref partial struct UpdateReader
{
    private const AttributeFlags DefiningFlags = AttributeFlags.Optional | AttributeFlags.Transitive;
    private const int LongestValue = ushort.MaxValue;

    private void ReadAttributes(ReadOnlySpan<byte> rest)
    {
        _common.Clear();
        while (!rest.IsEmpty)
        {
            var flags = (AttributeFlags)rest[0];
            var header = (flags & AttributeFlags.ExtendedLength) != 0 ? 4 : 3;
            if (rest.Length < header)
            {
                NoteFraming(rest);
                break;
            }

            int length = header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : rest[2];
            if (length > rest.Length - header)
            {
                NoteFraming(rest);
                break;
            }

            ReadAttribute(flags, (AttributeCode)rest[1], rest.Slice(header, length), rest[..(header + length)]);
            rest = rest[(header + length)..];
        }

        if (!_options.FourOctetAs)
        {
            MergeFourOctet();
        }
    }

    /// <summary>RFC 7606 §4: treat-as-withdraw, unless the routes themselves were in what is cut off (§3 j).</summary>
    private void NoteFraming(ReadOnlySpan<byte> rest)
    {
        AttributeCode code = rest.Length > 1 ? (AttributeCode)rest[1] : default;
        _hasOtherThanUnreach = true;
        var routes = code is AttributeCode.MpReachNlri or AttributeCode.MpUnreachNlri;
        Note(code, FaultKind.Framing, routes ? UpdateAction.ResetSession : UpdateAction.TreatAsWithdraw, UpdateError.AttributeLength, rest);
    }

    private void ReadAttribute(AttributeFlags flags, AttributeCode code, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
    {
        var again = !_seen.Add(code);
        _hasOtherThanUnreach |= code != AttributeCode.MpUnreachNlri;
        if (code is AttributeCode.MpReachNlri or AttributeCode.MpUnreachNlri)
        {
            if (again)
            {
                Reset(code, FaultKind.Duplicate, UpdateError.MalformedAttributeList);
                return;
            }

            KeepMultiprotocol(flags, code, value, whole);
            return;
        }

        if (again)
        {
            Note(code, FaultKind.Duplicate, UpdateAction.DiscardAttribute);
            return;
        }

        switch (code)
        {
            case AttributeCode.Origin: Take<OriginAttribute>(flags, code, value, whole); break;
            case AttributeCode.AsPath: Take<AsPathAttribute>(flags, code, value, whole); break;
            case AttributeCode.NextHop: Take<NextHopAttribute>(flags, code, value, whole); break;
            case AttributeCode.MultiExitDisc: Take<MultiExitDiscAttribute>(flags, code, value, whole); break;
            case AttributeCode.LocalPref: Take<LocalPrefAttribute>(flags, code, value, whole); break;
            case AttributeCode.AtomicAggregate: Take<AtomicAggregateAttribute>(flags, code, value, whole); break;
            case AttributeCode.Aggregator: Take<AggregatorAttribute>(flags, code, value, whole); break;
            case AttributeCode.Communities: Take<CommunitiesAttribute>(flags, code, value, whole); break;
            case AttributeCode.OriginatorId: Take<OriginatorIdAttribute>(flags, code, value, whole); break;
            case AttributeCode.ClusterList: Take<ClusterListAttribute>(flags, code, value, whole); break;
            case AttributeCode.ExtendedCommunities: Take<ExtendedCommunitiesAttribute>(flags, code, value, whole); break;
            case AttributeCode.As4Path: Take<As4PathAttribute>(flags, code, value, whole); break;
            case AttributeCode.As4Aggregator: Take<As4AggregatorAttribute>(flags, code, value, whole); break;
            case AttributeCode.PmsiTunnel: Take<PmsiTunnelAttribute>(flags, code, value, whole); break;
            case AttributeCode.TunnelEncapsulation: Take<TunnelEncapsulationAttribute>(flags, code, value, whole); break;
            case AttributeCode.Ipv6ExtendedCommunities: Take<Ipv6ExtendedCommunitiesAttribute>(flags, code, value, whole); break;
            case AttributeCode.Aigp: Take<AigpAttribute>(flags, code, value, whole); break;
            case AttributeCode.LargeCommunities: Take<LargeCommunitiesAttribute>(flags, code, value, whole); break;
            case AttributeCode.PrefixSid: Take<PrefixSidAttribute>(flags, code, value, whole); break;
            default: TakeUnknown(flags, code, value, whole); break;
        }
    }

    private void Take<T>(AttributeFlags flags, AttributeCode code, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
        where T : IPathAttribute
    {
        AttributeVerdict verdict =
            !T.MayComeFrom(_options) ? AttributeVerdict.Discard(FaultKind.NotFromThisPeer)
            : (flags & DefiningFlags) != T.Flags ? new(FaultKind.Flags, T.OnFlags)
            : T.Check(value, _options);
        if (verdict.Action != UpdateAction.Accept)
        {
            Note(code, verdict.Kind, verdict.Action, ErrorOf(code, verdict.Kind), whole);
            return;
        }

        // Partial says something about optional transitive attributes only (RFC 4271 §4.3).
        AttributeFlags canonical = T.Flags == DefiningFlags ? T.Flags | (flags & AttributeFlags.Partial) : T.Flags;
        Keep(code, canonical, value);
    }

    private void Keep(AttributeCode code, AttributeFlags flags, ReadOnlySpan<byte> value)
    {
        switch (code)
        {
            case AttributeCode.NextHop:
                _nextHop = value;
                break;
            case AttributeCode.AsPath when !_options.FourOctetAs:
                _twoOctetPath = value;
                break;
            case AttributeCode.Aggregator when !_options.FourOctetAs:
                _twoOctetAggregator = value;
                _aggregatorFlags = flags;
                break;
            case AttributeCode.As4Path:
                _as4Path = value;
                break;
            case AttributeCode.As4Aggregator:
                _as4Aggregator = value;
                break;
            default:
                _common.Set(code, flags, value);
                break;
        }
    }

    /// <summary>Kept with the Partial bit when transitive, quietly ignored when not (RFC 4271 §5); well-known ones nobody may not know (§6.3).</summary>
    private void TakeUnknown(AttributeFlags flags, AttributeCode code, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole)
    {
        if ((flags & AttributeFlags.Optional) == 0)
        {
            Reset(code, FaultKind.UnrecognizedWellKnown, UpdateError.UnrecognizedWellKnown, whole);
        }
        else if ((flags & AttributeFlags.Transitive) != 0)
        {
            _common.Set(code, DefiningFlags | AttributeFlags.Partial, value);
        }
    }

    /// <summary>RFC 6793 §4.2.3.</summary>
    private void MergeFourOctet()
    {
        if (!_twoOctetAggregator.IsEmpty)
        {
            // An AGGREGATOR that is not AS_TRANS was put in by a speaker that dropped both AS4_ attributes' meaning: neither counts.
            if (AggregatorAttribute.AsOf(_twoOctetAggregator) != Net.AsNumber.Trans)
            {
                _as4Path = default;
                AggregatorAttribute.Widen(_twoOctetAggregator, _aggregatorFlags, _common);
            }
            else if (!_as4Aggregator.IsEmpty)
            {
                _common.Set(AttributeCode.Aggregator, _aggregatorFlags, _as4Aggregator);
            }
            else
            {
                AggregatorAttribute.Widen(_twoOctetAggregator, _aggregatorFlags, _common);
            }
        }

        if (!_seen.Contains(AttributeCode.AsPath))
        {
            return;
        }

        Span<byte> merged = _into.Scratch(AsPathMerge.Bound(_twoOctetPath, _as4Path));
        var length = AsPathMerge.Write(_twoOctetPath, _as4Path, merged);
        if (length > LongestValue)
        {
            Note(AttributeCode.AsPath, FaultKind.Length, UpdateAction.TreatAsWithdraw, UpdateError.MalformedAsPath);
            return;
        }

        _common.Set(AttributeCode.AsPath, AsPathAttribute.Flags, merged[..length]);
    }

    private static UpdateError ErrorOf(AttributeCode code, FaultKind kind) => (code, kind) switch
    {
        (_, FaultKind.Flags) => UpdateError.AttributeFlags,
        (AttributeCode.AsPath, _) => UpdateError.MalformedAsPath,
        (_, FaultKind.Length) => UpdateError.AttributeLength,
        (AttributeCode.Origin, _) => UpdateError.InvalidOrigin,
        (AttributeCode.NextHop, _) => UpdateError.InvalidNextHop,
        _ => UpdateError.OptionalAttribute,
    };
}

/// <summary>The type codes that an UPDATE has had so far.</summary>
internal struct SeenCodes
{
    private Words _words;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a code.</summary>
    /// <returns>False when it was there.</returns>
    public bool Add(AttributeCode code)
    {
        ref var word = ref _words[(byte)code >> 6];
        var bit = 1UL << ((byte)code & 63);
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        Count++;
        return true;
    }

    /// <summary>Whether a code was there.</summary>
    public readonly bool Contains(AttributeCode code) => (_words[(byte)code >> 6] >> ((byte)code & 63) & 1) != 0;

    [System.Runtime.CompilerServices.InlineArray(4)]
    private struct Words
    {
        private ulong _first;
    }
}

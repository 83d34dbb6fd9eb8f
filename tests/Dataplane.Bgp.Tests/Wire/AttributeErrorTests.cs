using Dataplane.Bgp.Wire;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Wire;

/// <summary>RFC 7606 §7 and the error sections of later RFCs: each attribute with each kind of error, and what is done about it.</summary>
public class AttributeErrorTests
{
    private const FaultKind F = FaultKind.Flags, L = FaultKind.Length, V = FaultKind.Value, N = FaultKind.NotFromThisPeer;
    private const UpdateAction Ok = UpdateAction.Accept, Discard = UpdateAction.DiscardAttribute, Withdraw = UpdateAction.TreatAsWithdraw;

    /// <summary>Session, flags and code, value, what is wrong, what is done; one row each.</summary>
    public static TheoryData<string, string, string, FaultKind, UpdateAction> Rows => new()
    {
        // ORIGIN: RFC 7606 §7.1
        { "internal", "40 01", "00", default, Ok },
        { "internal", "40 01", "02", default, Ok },
        { "internal", "40 01", "03", V, Withdraw },
        { "internal", "40 01", "", L, Withdraw },
        { "internal", "40 01", "00 00", L, Withdraw },
        { "internal", "c0 01", "00", F, Withdraw },
        { "internal", "00 01", "00", F, Withdraw },
        { "internal", "50 01", "00", default, Ok }, // extended length, RFC 4271 §4.3: may be used anywhere
        { "internal", "4f 01", "00", default, Ok }, // the unused bits are ignored

        // AS_PATH: RFC 7606 §7.2, RFC 7607, RFC 5065 §5
        { "internal", "40 02", "", default, Ok },
        { "internal", "40 02", "02 01 0000fde9", default, Ok },
        { "internal", "40 02", "02 01 0000fde9 01 02 0000fdea 0000fdeb", default, Ok },
        { "internal", "40 02", "02 02 0000fde9", L, Withdraw }, // overrun
        { "internal", "40 02", "02 01 0000fde9 02", L, Withdraw }, // underrun
        { "internal", "40 02", "02 00", L, Withdraw }, // no numbers
        { "internal", "40 02", "05 01 0000fde9", V, Withdraw }, // no such segment
        { "internal", "40 02", "00 01 0000fde9", V, Withdraw },
        { "internal", "40 02", "02 01 00000000", V, Withdraw }, // AS 0
        { "internal", "40 02", "03 01 0000fde9", V, Withdraw }, // confederation segments from elsewhere
        { "internal", "40 02", "04 01 0000fde9", V, Withdraw },
        { "internal", "c0 02", "02 01 0000fde9", F, Withdraw },
        { "external", "40 02", "", V, Withdraw }, // the peer's own AS must lead, RFC 4271 §6.3
        { "external", "40 02", "02 01 0000fdea", V, Withdraw },
        { "external", "40 02", "01 01 0000fde9", V, Withdraw },
        { "external", "40 02", "02 02 0000fde9 0000fdea", default, Ok },
        { "route server", "40 02", "02 01 0000fdea", default, Ok },
        { "two-octet", "40 02", "02 01 fde9", default, Ok },
        { "two-octet", "40 02", "02 01 0000fde9", V, Withdraw },
        { "confederation", "40 02", "03 01 0000fde9", default, Ok },
        { "confederation", "40 02", "02 01 0000fde9", V, Withdraw },
        { "no sets", "40 02", "02 01 0000fde9 01 01 0000fdea", V, Withdraw }, // RFC 9774

        // NEXT_HOP: RFC 7606 §7.3, RFC 4271 §6.3
        { "internal", "40 03", "c0000201", default, Ok },
        { "internal", "40 03", "c00002", L, Withdraw },
        { "internal", "40 03", "c000020100", L, Withdraw },
        { "internal", "40 03", "", L, Withdraw },
        { "internal", "40 03", "00000000", V, Withdraw },
        { "internal", "40 03", "e0000001", V, Withdraw },
        { "internal", "80 03", "c0000201", F, Withdraw },

        // MULTI_EXIT_DISC: §7.4
        { "internal", "80 04", "00000001", default, Ok },
        { "internal", "80 04", "000001", L, Withdraw },
        { "internal", "80 04", "", L, Withdraw },
        { "internal", "c0 04", "00000001", F, Withdraw },

        // LOCAL_PREF: §7.5
        { "internal", "40 05", "00000064", default, Ok },
        { "internal", "40 05", "0064", L, Withdraw },
        { "internal", "c0 05", "00000064", F, Withdraw },
        { "external", "40 05", "00000064", N, Discard },
        { "external", "40 05", "0064", N, Discard },
        { "confederation", "40 05", "00000064", default, Ok },

        // ATOMIC_AGGREGATE: §3 f, §7.6
        { "internal", "40 06", "", default, Ok },
        { "internal", "40 06", "00", L, Discard },
        { "internal", "c0 06", "", F, Discard },

        // AGGREGATOR: §3 f, §7.7, RFC 7607
        { "internal", "c0 07", "0000fde9 c0000201", default, Ok },
        { "internal", "e0 07", "0000fde9 c0000201", default, Ok }, // Partial
        { "internal", "c0 07", "fde9 c0000201", L, Discard },
        { "internal", "c0 07", "", L, Discard },
        { "internal", "c0 07", "00000000 c0000201", V, Discard },
        { "internal", "40 07", "0000fde9 c0000201", F, Discard },
        { "two-octet", "c0 07", "fde9 c0000201", default, Ok },
        { "two-octet", "c0 07", "0000fde9 c0000201", L, Discard },
        { "two-octet", "c0 07", "0000 c0000201", V, Discard },

        // COMMUNITIES: §7.8
        { "internal", "c0 08", "fde90001", default, Ok },
        { "internal", "c0 08", "fde90001 fde90002", default, Ok },
        { "internal", "c0 08", "", L, Withdraw },
        { "internal", "c0 08", "fde90001 fd", L, Withdraw },
        { "internal", "80 08", "fde90001", F, Withdraw },

        // ORIGINATOR_ID: §7.9
        { "internal", "80 09", "0a000001", default, Ok },
        { "internal", "80 09", "0a0000", L, Withdraw },
        { "internal", "80 09", "", L, Withdraw },
        { "internal", "c0 09", "0a000001", F, Withdraw },
        { "external", "80 09", "0a000001", N, Discard },
        { "external", "80 09", "0a", N, Discard },

        // CLUSTER_LIST: §7.10
        { "internal", "80 0a", "0a000001 0a000002", default, Ok },
        { "internal", "80 0a", "", L, Withdraw },
        { "internal", "80 0a", "0a000001 0a", L, Withdraw },
        { "internal", "c0 0a", "0a000001", F, Withdraw },
        { "external", "80 0a", "0a000001", N, Discard },

        // EXTENDED COMMUNITIES: §7.14; types that nobody knows are no error
        { "internal", "c0 10", "0002fde800000001", default, Ok },
        { "internal", "c0 10", "ffff000000000000", default, Ok },
        { "internal", "c0 10", "", L, Withdraw },
        { "internal", "c0 10", "0002fde8000001", L, Withdraw },
        { "internal", "c0 10", "0002fde80000000100", L, Withdraw },
        { "internal", "40 10", "0002fde800000001", F, Withdraw },

        // AS4_PATH, AS4_AGGREGATOR: RFC 6793 §6
        { "internal", "c0 11", "02 01 0000fde9", N, Discard },
        { "internal", "c0 12", "0000fde9 c0000201", N, Discard },
        { "two-octet", "c0 11", "02 01 0000fde9", default, Ok },
        { "two-octet", "c0 11", "02 02 0000fde9", L, Discard },
        { "two-octet", "c0 11", "02 00", L, Discard },
        { "two-octet", "c0 11", "02 01 0000fde9 00", L, Discard },
        { "two-octet", "c0 11", "07 01 0000fde9", V, Discard },
        { "two-octet", "c0 11", "02 01 00000000", V, Discard },
        { "two-octet", "80 11", "02 01 0000fde9", F, Withdraw },
        { "two-octet", "c0 12", "0000fde9 c0000201", default, Ok },
        { "two-octet", "c0 12", "fde9 c0000201", L, Discard },
        { "two-octet", "c0 12", "00000000 c0000201", V, Discard },

        // PMSI_TUNNEL: RFC 6514 §5
        { "internal", "c0 16", "00 06 000010 0a000001", default, Ok },
        { "internal", "c0 16", "00 00 000010", default, Ok },
        { "internal", "c0 16", "00 63 000010 01", default, Ok }, // RFC 7385: unknown types pass
        { "internal", "c0 16", "00 06 0000", L, Withdraw },
        { "internal", "c0 16", "00 06 000010 0a0000", L, Withdraw },
        { "internal", "c0 16", "00 03 000010 0a000001", L, Withdraw },
        { "internal", "80 16", "00 06 000010 0a000001", F, Withdraw },

        // Tunnel Encapsulation: RFC 9012 §13
        { "internal", "c0 17", "0002 0000", default, Ok },
        { "internal", "c0 17", "000d 0004 04 02 0800", default, Ok },
        { "internal", "c0 17", "0002 0005 80 0002 0102", default, Ok },
        { "internal", "c0 17", "0002 0004 04 03 0800", L, Withdraw },
        { "internal", "c0 17", "0002 0005 04 02 0800", L, Withdraw },
        { "internal", "c0 17", "0002 0001 04", L, Withdraw },
        { "internal", "c0 17", "0002 00", L, Withdraw },
        { "internal", "c0 17", "", L, Discard },
        { "internal", "80 17", "0002 0000", F, Discard },

        // IPv6 Address Specific Extended Community: RFC 7606 §7.15
        { "internal", "c0 19", "0002 20010db8000000000000000000000001 0001", default, Ok },
        { "internal", "c0 19", "", L, Withdraw },
        { "internal", "c0 19", "0002 20010db8000000000000000000000001 00", L, Withdraw },
        { "internal", "80 19", "0002 20010db8000000000000000000000001 0001", F, Withdraw },

        // AIGP: RFC 7311 §3.2, §3.3
        { "internal", "80 1a", "01 000b 0000000000000064", default, Ok },
        { "internal", "80 1a", "01 000b 0000000000000064 07 0004 ff", default, Ok }, // other TLVs are no error
        { "internal", "80 1a", "01 000b 0000000000000064 01 000b 0000000000000065", default, Ok },
        { "internal", "80 1a", "01 000a 00000000000064", L, Discard },
        { "internal", "80 1a", "01 000c 0000000000000064", L, Discard },
        { "internal", "80 1a", "07 0002", L, Discard },
        { "internal", "80 1a", "07", L, Discard },
        { "internal", "80 1a", "", L, Discard },
        { "internal", "c0 1a", "01 000b 0000000000000064", F, Discard },
        { "external", "80 1a", "01 000b 0000000000000064", N, Discard },

        // LARGE_COMMUNITY: RFC 8092 §6
        { "internal", "c0 20", "0000fde9 00000001 00000002", default, Ok },
        { "internal", "c0 20", "", L, Withdraw },
        { "internal", "c0 20", "0000fde9 00000001 000000", L, Withdraw },
        { "internal", "80 20", "0000fde9 00000001 00000002", F, Withdraw },

        // BGP Prefix-SID: RFC 8669 §6
        { "internal", "c0 28", "01 0007 00 0000 00000010", default, Ok },
        { "internal", "c0 28", "09 0001 00", default, Ok },
        { "internal", "c0 28", "01 0006 00 0000 000000", L, Discard },
        { "internal", "c0 28", "03 0008 0000 0003e8 0003e8", default, Ok },
        { "internal", "c0 28", "03 0007 0000 0003e8 0003", L, Discard },
        { "internal", "c0 28", "09 0002 00", L, Discard },
        { "internal", "c0 28", "09 00", L, Discard },
        { "internal", "c0 28", "", L, Discard },
        { "internal", "80 28", "01 0007 00 0000 00000010", F, Withdraw },
    };

    [Theory]
    [Trait("Requirement", "SIG-01")]
    [MemberData(nameof(Rows))]
    public void Each_error_gets_what_the_RFC_says(string session, string head, string valueHex, FaultKind kind, UpdateAction action)
    {
        byte[] flagsAndCode = Convert.FromHexString(head.Replace(" ", "", StringComparison.Ordinal));
        byte[] value = Convert.FromHexString(valueHex.Replace(" ", "", StringComparison.Ordinal));
        var code = (AttributeCode)flagsAndCode[1];
        CodecOptions options = Options(session);
        RawUpdate raw = RawUpdate.Announcing();
        raw = session switch
        {
            "two-octet" => raw.Replace(AttributeCode.AsPath, 0x40, 2, 1, 0xFD, 0xE9),
            "confederation" => raw.Replace(AttributeCode.AsPath, 0x40, 3, 1, 0, 0, 0xFD, 0xE9),
            _ => raw,
        };

        DecodedUpdate update = Sessions.Decode(raw.Replace(code, flagsAndCode[0], value).Body(), options);

        Assert.Equal(action, update.Outcome.Action);
        if (action == Ok)
        {
            Assert.Empty(update.Faults);
        }
        else
        {
            Assert.Equal([new(code, kind, action)], update.Faults);
        }

        // The route is announced or withdrawn, and a discarded attribute is not in the block.
        var withdrawn = action == Withdraw;
        Assert.Equal(withdrawn ? 0 : 1, update.Announced.Length);
        Assert.Equal(withdrawn ? 1 : 0, update.Withdrawn.Length);
        RouteGroup group = withdrawn ? update.Withdrawn[0] : update.Announced[0];
        Assert.Equal("192.0.2.0/24", Assert.Single(group.Routes.ToArray()).Nlri.Prefix(group.Family).ToString());
        var onTheWireOnly = code is AttributeCode.As4Path or AttributeCode.As4Aggregator;
        Assert.Equal(action == Ok && !onTheWireOnly, group.Attributes.TryGet(code, out _));
    }

    private static CodecOptions Options(string session) => session switch
    {
        "internal" => Sessions.Internal,
        "external" => Sessions.External,
        "route server" => Sessions.External with { EnforceFirstAs = false },
        "two-octet" => Sessions.TwoOctet,
        "confederation" => Sessions.External with { IsConfederation = true },
        "no sets" => Sessions.Internal with { RejectAsSets = true },
        _ => throw new ArgumentOutOfRangeException(nameof(session), session, null),
    };
}

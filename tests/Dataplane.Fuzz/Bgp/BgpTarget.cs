using System.Buffers;
using Dataplane.Bgp.Wire;
using Dataplane.Fuzz.Rig;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;
using Dataplane.Routing.FlowSpec;

namespace Dataplane.Fuzz.Bgp;

/// <summary>
/// What must hold for any octets that a peer sends: no exception; an outcome that is a value; what was accepted is canonical, which means that
/// writing it and reading that again gives the same. Octets come in an array of exactly their length, so that nothing behind them can be read.
/// </summary>
internal sealed class BgpTarget
{
    private readonly FlowSpecStore _flowSpecs = new();
    private readonly DecodedUpdate _update = new();
    private readonly DecodedUpdate _again = new();
    private readonly ArrayBufferWriter<byte> _written = new(1 << 17);
    private readonly CodecOptions[] _sessions;

    public BgpTarget()
    {
        var all = FamilySet.Of([.. RouteFamilies.All]);
        var plain = new CodecOptions { Families = all, IsIbgp = true, LocalAs = new(65000), PeerAs = new(65000), FlowSpecs = _flowSpecs };
        CodecOptions external = plain with { IsIbgp = false, PeerAs = new(65001) };
        _sessions =
        [
            plain,
            plain with { AddPathReceive = all, AddPathSend = all, ExtendedNextHop = all, ExtendedMessages = true },
            external,
            external with { FourOctetAs = false, EnforceFirstAs = false },
            external with { FourOctetAs = false, IsConfederation = true, EnforceFirstAs = false, AcceptAigp = true, ExtendedMessages = true },
            plain with { Families = FamilySet.Of(RouteFamily.VpnIpv4), FlowSpecs = null },
        ];
    }

    /// <summary>How many sessions of different capabilities there are.</summary>
    public int SessionCount => _sessions.Length;

    /// <summary>How many messages had each outcome.</summary>
    public SortedDictionary<string, long> Outcomes { get; } = [];

    /// <summary>Each kind of error that was met, by attribute.</summary>
    public HashSet<(AttributeCode Code, FaultKind Kind)> Faults { get; } = [];

    /// <summary>Whether the last message brought something that no message before it did.</summary>
    public bool WasNew { get; private set; }

    /// <summary>Runs one message, header included.</summary>
    /// <exception cref="RigException">A property does not hold.</exception>
    public void Run(byte[] message, int session)
    {
        CodecOptions options = _sessions[session];
        WasNew = false;
        try
        {
            if (MessageHeader.Read(message, options.ExtendedMessages, out MessageHeader header, out NotificationMessage? error) != FrameOutcome.Complete)
            {
                Count(error is null ? "incomplete" : "header error");
                return;
            }

            byte[] body = message[MessageHeader.Size..header.Length];
            Count(header.Type switch
            {
                MessageType.Open => Open(body),
                MessageType.Update => Update(body, options),
                MessageType.Notification => Notification(body),
                MessageType.RouteRefresh => Refresh(body),
                _ => "KEEPALIVE",
            });
        }
        catch (Exception e) when (e is not RigException)
        {
            throw new RigException($"{e.GetType().Name}: {e.Message} at {e.StackTrace?.Split('\n')[0].Trim()}");
        }
    }

    private string Open(byte[] body)
    {
        if (OpenMessage.Decode(body, out OpenMessage? message) is { } error)
        {
            Expect(message is null, "an OPEN that was refused has a message");
            return $"OPEN {error}";
        }

        byte[] written = message!.Encode();
        if (written.Length <= MessageHeader.Maximum)
        {
            Expect(OpenMessage.Decode(written.AsSpan(MessageHeader.Size), out OpenMessage? again) is null, "our own OPEN is refused");
            Expect(message.Equals(again), "an OPEN changes by being written");
        }

        return "OPEN";
    }

    private static string Notification(byte[] body)
    {
        Expect(NotificationMessage.TryDecode(body, out NotificationMessage message), "a framed NOTIFICATION is refused");
        _ = message.ToString();
        Expect(NotificationMessage.TryDecode(message.Encode().AsSpan(MessageHeader.Size), out NotificationMessage again), "our own NOTIFICATION is refused");
        Expect(message.Equals(again) || body.Length > MessageHeader.Maximum - MessageHeader.Size, "a NOTIFICATION changes by being written");
        return "NOTIFICATION";
    }

    private static string Refresh(byte[] body)
    {
        if (RouteRefreshMessage.Decode(body, out RouteRefreshMessage message) is not null)
        {
            return "ROUTE-REFRESH refused";
        }

        Expect(RouteRefreshMessage.Decode(message.Encode().AsSpan(MessageHeader.Size), out RouteRefreshMessage again) is null, "our own ROUTE-REFRESH is refused");
        Expect(message == again, "a ROUTE-REFRESH changes by being written");
        return "ROUTE-REFRESH";
    }

    private string Update(byte[] body, CodecOptions options)
    {
        UpdateDecoder.Decode(body, options, _update);
        foreach (AttributeFault fault in _update.Faults)
        {
            WasNew |= Faults.Add((fault.Code, fault.Kind));
        }

        UpdateOutcome outcome = _update.Outcome;
        UpdateAction strongest = _update.Faults.Count == 0 ? UpdateAction.Accept : _update.Faults.Max(fault => fault.Action);
        var routes = _update.Announced.Length + _update.Withdrawn.Length;
        Expect(outcome.Action >= strongest, "an outcome is milder than an error");
        Expect(outcome.Action == UpdateAction.ResetSession == outcome.Error is not null, "a reset without a notification, or the other way round");
        Expect(outcome.Action != UpdateAction.ResetSession || routes == 0, "a reset with routes");
        Expect(outcome.Action != UpdateAction.TreatAsWithdraw || _update.Announced.Length == 0, "treat-as-withdraw with announced routes");
        Expect((outcome.Action == UpdateAction.DisableFamily) == (outcome.Disabled.Count > 0), "a disabled family that is none");
        foreach (RouteGroup group in _update.Withdrawn)
        {
            Expect(options.Families.Contains(group.Family) || group.Routes.IsEmpty, "routes of a family that was not negotiated");
            Again(group, announced: false, options);
        }

        foreach (RouteGroup group in _update.Announced)
        {
            Expect(options.Families.Contains(group.Family) || group.Routes.IsEmpty, "routes of a family that was not negotiated");
            Canonical(group.Attributes);
            Again(group, announced: true, options);
        }

        return $"UPDATE {outcome.Action}";
    }

    /// <summary>Ascending, each code once, extended length where needed, nothing of the wire (see <see cref="AttributeBlock"/>).</summary>
    private static void Canonical(AttributeBlock block)
    {
        var (last, size) = (-1, 0);
        foreach (AttributeView attribute in block)
        {
            Expect((int)attribute.Code > last, "attributes out of order");
            Expect((attribute.Flags & (AttributeFlags)0x0F) == 0, "unused flags");
            Expect(((attribute.Flags & AttributeFlags.ExtendedLength) != 0) == (attribute.Value.Length > byte.MaxValue), "extended length");
            Expect(
                attribute.Code is not (AttributeCode.MpReachNlri or AttributeCode.MpUnreachNlri or AttributeCode.As4Path or AttributeCode.As4Aggregator),
                "an attribute of the wire");
            last = (int)attribute.Code;
            size += attribute.Whole.Length;
        }

        Expect(size == block.Octets.Length, "octets behind the attributes");
        Expect(block.TryGet(AttributeCode.Origin, out _) && block.TryGet(AttributeCode.AsPath, out _), "mandatory attributes");
    }

    /// <summary>Written for the session it came from and read again, a group of routes is the same.</summary>
    private void Again(RouteGroup group, bool announced, CodecOptions options)
    {
        Again(group, announced, options, fourOctetAs: true);
        if (announced && !options.FourOctetAs)
        {
            Again(group, announced, options, fourOctetAs: false);
        }
    }

    private void Again(RouteGroup group, bool announced, CodecOptions options, bool fourOctetAs)
    {
        // A peer of our own AS and in one piece: whose AS leads, and what may come from outside, was decided on the way in.
        CodecOptions session = options with
        {
            FourOctetAs = fourOctetAs,
            AddPathSend = options.AddPathReceive,
            ExtendedMessages = true,
            IsIbgp = true,
            AcceptAigp = true,
            IsConfederation = true,
            EnforceFirstAs = false,
        };
        _written.ResetWrittenCount();
        EncodedUpdates written = announced
            ? UpdateEncoder.EncodeReach(group.Family, group.Attributes, group.Routes, session, _written)
            : UpdateEncoder.EncodeUnreach(group.Family, group.Routes, session, _written);
        if (written.Routes < group.Routes.Length || written.Messages != 1)
        {
            // Four-octet paths grow; a message at its limit then has no room. RT-Constraint and flow specifications aside, a next hop always has a form.
            return;
        }

        byte[] message = _written.WrittenSpan.ToArray();
        Expect(MessageHeader.Read(message, true, out MessageHeader header, out _) == FrameOutcome.Complete && header.Length == message.Length, "our own header");
        UpdateDecoder.Decode(message.AsSpan(MessageHeader.Size), session, _again);
        Expect(_again.Outcome.Action == UpdateAction.Accept, $"our own UPDATE: {_again.Outcome.Action}, {string.Join(' ', _again.Faults)}");
        ReadOnlySpan<RouteGroup> groups = announced ? _again.Announced : _again.Withdrawn;
        Expect(groups.Length == 1 && groups[0].Family == group.Family, "our own UPDATE has other groups");
        Expect(groups[0].Routes.Length == group.Routes.Length, "our own UPDATE has other routes");
        for (var i = 0; i < group.Routes.Length; i++)
        {
            NlriEntry expected = group.Routes[i] with { Label = announced ? group.Routes[i].Label : groups[0].Routes[i].Label };
            Expect(groups[0].Routes[i] == expected, "our own UPDATE has another route");
        }

        if (announced && session.FourOctetAs)
        {
            Expect(groups[0].Attributes.Octets.SequenceEqual(group.Attributes.Octets), "a block is not canonical: it changes by being written and read");
        }
    }

    private void Count(string outcome)
    {
        WasNew |= Outcomes.TryAdd(outcome, 0);
        Outcomes[outcome]++;
    }

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new RigException(what);
        }
    }
}

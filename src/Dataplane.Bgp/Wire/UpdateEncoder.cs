using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Wire;

/// <summary>What <see cref="UpdateEncoder"/> wrote.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Routes">
/// How many routes, from the first on. Less than were given when the next one does not fit into a message with these attributes, or has a next
/// hop that the session cannot carry: it cannot be advertised, and what was advertised for it is to be withdrawn.
/// </param>
public readonly record struct EncodedUpdates(int Messages, int Routes);

/// <summary>
/// Writes UPDATEs (RFC 4271 §4.3, RFC 4760), as many routes in each as the message limit lets.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |   withdrawn routes length     |  withdrawn routes ...         |
/// +-------------------------------+-------------------------------+
/// |    total attributes length    |  path attributes ...          |
/// +-------------------------------+-------------------------------+
/// |  NLRI, to the end of the message ...                          |
/// +---------------------------------------------------------------+
/// </code>
/// MP_REACH_NLRI or MP_UNREACH_NLRI is the first attribute, and a message has one of NLRI, withdrawn routes and these two
/// (RFC 7606 §5.1). IPv4 unicast uses the fields of RFC 4271, unless its next hop is IPv6 (RFC 8950).
/// </summary>
/// <remarks>Attributes are written as they are in the block: which of them the peer may see was decided before. No allocation after the first use on a thread.</remarks>
public static class UpdateEncoder
{
    private const int FixedSize = MessageHeader.Size + 4;
    private const int AttributeHeader = 4;
    private const AttributeFlags MpFlags = AttributeFlags.Optional | AttributeFlags.ExtendedLength;

    [ThreadStatic]
    private static AttributeBlockBuilder? _scratch;

    /// <summary>Writes the messages that announce routes of one set of attributes.</summary>
    /// <param name="family">The family of all routes.</param>
    /// <param name="attributes">The attributes, next hop among them.</param>
    /// <param name="routes">The routes.</param>
    /// <param name="options">What the session negotiated.</param>
    /// <param name="to">Takes whole messages.</param>
    public static EncodedUpdates EncodeReach(
        RouteFamily family, AttributeBlock attributes, ReadOnlySpan<NlriEntry> routes, CodecOptions options, IBufferWriter<byte> to)
    {
        Span<byte> nextHop = stackalloc byte[NextHopCodec.MaximumSize];
        _ = attributes.TryGet(AttributeCode.NextHop, out ReadOnlySpan<byte> held);
        var nextHopSize = NextHopCodec.Write(family, held, options, nextHop);
        if (nextHopSize < 0)
        {
            return default;
        }

        AttributeBlockBuilder scratch = _scratch ??= new();
        var classic = family == RouteFamily.Ipv4Unicast && nextHopSize == 4;
        if (!options.FourOctetAs)
        {
            scratch.Load(attributes);
            AsPathAttribute.ToTwoOctets(attributes, scratch);
            attributes = scratch.Block;
        }

        Around(attributes, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> after);
        Span<byte> head = stackalloc byte[AttributeHeader + 5 + NextHopCodec.MaximumSize];
        head = head[..(classic ? WriteNextHop(nextHop, head) : WriteMpReach(family, nextHop[..nextHopSize], head))];

        var addPath = options.AddPathSend.Contains(family);
        var attributesSize = before.Length + head.Length + after.Length;
        var room = options.MaximumMessage - FixedSize - attributesSize;
        var (messages, done) = (0, 0);
        while (done < routes.Length)
        {
            var (count, size) = Fit(family, routes[done..], addPath, room, options);
            if (count == 0)
            {
                break;
            }

            var length = FixedSize + attributesSize + size;
            Span<byte> message = to.GetSpan(length)[..length];
            MessageHeader.Write(message, MessageType.Update, length);
            Span<byte> body = message[MessageHeader.Size..];
            BinaryPrimitives.WriteUInt16BigEndian(body, 0);
            BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(attributesSize + (classic ? 0 : size)));
            body = body[4..];
            if (classic)
            {
                Put(ref body, before);
                Put(ref body, head);
                Put(ref body, after);
                WriteRoutes(family, routes.Slice(done, count), addPath, withdrawn: false, options, body);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(head.Length - AttributeHeader + size));
                Put(ref body, head);
                WriteRoutes(family, routes.Slice(done, count), addPath, withdrawn: false, options, body);
                body = body[size..];
                Put(ref body, before);
                Put(ref body, after);
            }

            to.Advance(length);
            messages++;
            done += count;
        }

        return new(messages, done);
    }

    /// <summary>Writes the messages that withdraw routes.</summary>
    /// <param name="family">The family of all routes.</param>
    /// <param name="routes">The routes; labels do not matter.</param>
    /// <param name="options">What the session negotiated.</param>
    /// <param name="to">Takes whole messages.</param>
    public static EncodedUpdates EncodeUnreach(RouteFamily family, ReadOnlySpan<NlriEntry> routes, CodecOptions options, IBufferWriter<byte> to)
    {
        var classic = family == RouteFamily.Ipv4Unicast;
        var addPath = options.AddPathSend.Contains(family);
        var headSize = classic ? 0 : AttributeHeader + 3;
        var room = options.MaximumMessage - FixedSize - headSize;
        var (messages, done) = (0, 0);
        while (done < routes.Length)
        {
            var (count, size) = Fit(family, routes[done..], addPath, room, options);
            if (count == 0)
            {
                break;
            }

            var length = FixedSize + headSize + size;
            Span<byte> message = to.GetSpan(length)[..length];
            MessageHeader.Write(message, MessageType.Update, length);
            Span<byte> body = message[MessageHeader.Size..];
            BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)(classic ? size : 0));
            if (classic)
            {
                WriteRoutes(family, routes.Slice(done, count), addPath, withdrawn: true, options, body[2..]);
                BinaryPrimitives.WriteUInt16BigEndian(body[(2 + size)..], 0);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(headSize + size));
                WriteMpUnreach(family, size, body[4..]);
                WriteRoutes(family, routes.Slice(done, count), addPath, withdrawn: true, options, body[(4 + headSize)..]);
            }

            to.Advance(length);
            messages++;
            done += count;
        }

        return new(messages, done);
    }

    /// <summary>Writes the End-of-RIB of a family (RFC 4724 §2).</summary>
    public static void EncodeEndOfRib(RouteFamily family, IBufferWriter<byte> to)
    {
        var attribute = family == RouteFamily.Ipv4Unicast ? 0 : AttributeHeader + 3;
        var length = FixedSize + attribute;
        Span<byte> message = to.GetSpan(length)[..length];
        MessageHeader.Write(message, MessageType.Update, length);
        Span<byte> body = message[MessageHeader.Size..];
        BinaryPrimitives.WriteUInt32BigEndian(body, (uint)attribute);
        if (attribute > 0)
        {
            WriteMpUnreach(family, 0, body[4..]);
        }

        to.Advance(length);
    }

    private static int WriteNextHop(ReadOnlySpan<byte> nextHop, Span<byte> to)
    {
        to[0] = (byte)AttributeFlags.Transitive;
        to[1] = (byte)AttributeCode.NextHop;
        to[2] = 4;
        nextHop[..4].CopyTo(to[3..]);
        return 7;
    }

    /// <summary>MP_REACH_NLRI up to its NLRI; its length is written for each message.</summary>
    private static int WriteMpReach(RouteFamily family, ReadOnlySpan<byte> nextHop, Span<byte> to)
    {
        to[0] = (byte)MpFlags;
        to[1] = (byte)AttributeCode.MpReachNlri;
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], family.Afi);
        to[6] = family.Safi;
        to[7] = (byte)nextHop.Length;
        nextHop.CopyTo(to[8..]);
        to[8 + nextHop.Length] = 0;
        return 9 + nextHop.Length;
    }

    private static void WriteMpUnreach(RouteFamily family, int size, Span<byte> to)
    {
        to[0] = (byte)MpFlags;
        to[1] = (byte)AttributeCode.MpUnreachNlri;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(3 + size));
        BinaryPrimitives.WriteUInt16BigEndian(to[4..], family.Afi);
        to[6] = family.Safi;
    }

    /// <summary>How many routes fit, and their octets.</summary>
    private static (int Count, int Size) Fit(RouteFamily family, ReadOnlySpan<NlriEntry> routes, bool addPath, int room, CodecOptions options)
    {
        var size = 0;
        for (var i = 0; i < routes.Length; i++)
        {
            var next = NlriCodec.SizeOf(family, routes[i], addPath, options.FlowSpecs);
            if (size + next > room)
            {
                return (i, size);
            }

            size += next;
        }

        return (routes.Length, size);
    }

    private static void WriteRoutes(
        RouteFamily family, ReadOnlySpan<NlriEntry> routes, bool addPath, bool withdrawn, CodecOptions options, Span<byte> to)
    {
        foreach (ref readonly NlriEntry route in routes)
        {
            to = to[NlriCodec.Write(family, route, addPath, withdrawn, options.FlowSpecs, to)..];
        }
    }

    /// <summary>What is in a block before NEXT_HOP and behind it.</summary>
    private static void Around(AttributeBlock block, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> after)
    {
        var (start, size) = (0, 0);
        foreach (AttributeView attribute in block)
        {
            if (attribute.Code >= AttributeCode.NextHop)
            {
                size = attribute.Code == AttributeCode.NextHop ? attribute.Whole.Length : 0;
                break;
            }

            start += attribute.Whole.Length;
        }

        before = block.Octets[..start];
        after = block.Octets[(start + size)..];
    }

    private static void Put(ref Span<byte> to, scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(to);
        to = to[octets.Length..];
    }
}

using System.Buffers.Binary;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Attributes;

namespace Dataplane.Bgp.Tests.Export.Bmp;

/// <summary>One BMP message as a station reads it.</summary>
/// <param name="Type">RFC 7854 §4.1.</param>
/// <param name="PeerType">0 a peer, 3 the Loc-RIB; 0 in messages without a peer.</param>
/// <param name="Flags">0x40 after policy, 0x10 Adj-RIB-Out, 0x80 IPv6, 0x20 two-octet AS.</param>
/// <param name="Peer">The peer's address.</param>
/// <param name="Body">What follows the headers.</param>
public sealed record BmpSeen(byte Type, byte PeerType, byte Flags, IpAddress Peer, byte[] Body)
{
    public const byte RouteMonitoring = 0;
    public const byte Statistics = 1;
    public const byte PeerDown = 2;
    public const byte PeerUp = 3;
    public const byte Initiation = 4;
    public const byte Termination = 5;
}

/// <summary>Cuts a stream into messages; written from the RFCs, not from the writer.</summary>
public static class BmpStream
{
    /// <summary>A stream without the messages of a type and peer type.</summary>
    public static byte[] Without(ReadOnlySpan<byte> stream, byte type, byte peerType)
    {
        var kept = new List<byte>();
        while (!stream.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(stream[1..]);
            if (stream[5] != type || stream[6] != peerType)
            {
                kept.AddRange(stream[..length]);
            }

            stream = stream[length..];
        }

        return [.. kept];
    }

    public static List<BmpSeen> Parse(ReadOnlySpan<byte> stream)
    {
        var seen = new List<BmpSeen>();
        while (stream.Length >= 6)
        {
            Assert.Equal(3, stream[0]);
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(stream[1..]);
            if (stream.Length < length)
            {
                break;
            }

            var type = stream[5];
            ReadOnlySpan<byte> body = stream[6..length];
            if (type >= BmpSeen.Initiation)
            {
                seen.Add(new(type, 0, 0, default, body.ToArray()));
            }
            else
            {
                IpAddress peer = (body[1] & 0x80) != 0 && body[0] != 3 ? Ipv6Address.Read(body[10..]) : Ipv4Address.Read(body[22..]);
                seen.Add(new(type, body[0], body[1], peer, body[42..].ToArray()));
            }

            stream = stream[length..];
        }

        return seen;
    }
}

/// <summary>The tables as a station has them after a stream: what it is told of each view of each peer.</summary>
public sealed class BmpTables
{
    private readonly DecodedUpdate _update = new();

    /// <summary>View (peer type and flags without the address family), peer and route → label and attributes.</summary>
    public Dictionary<(byte PeerType, byte Flags, IpAddress Peer, RouteFamily Family, Nlri Nlri, uint Path), string> Routes { get; } = [];

    public HashSet<IpAddress> Up { get; } = [];

    public void Apply(BmpSeen message, Func<IpAddress, CodecOptions> codec)
    {
        switch (message.Type)
        {
            case BmpSeen.Initiation:
                Routes.Clear();
                Up.Clear();
                break;
            case BmpSeen.PeerUp:
                _ = Up.Add(message.Peer);
                break;
            case BmpSeen.PeerDown:
                Assert.True(Up.Remove(message.Peer));
                foreach (var key in Routes.Keys.Where(key => key.Peer == message.Peer && key.PeerType == message.PeerType).ToList())
                {
                    _ = Routes.Remove(key);
                }

                break;
            case BmpSeen.RouteMonitoring:
                Assert.Contains(message.Peer, Up);
                Apply(message, codec(message.Peer));
                break;
        }
    }

    private void Apply(BmpSeen message, CodecOptions codec)
    {
        UpdateDecoder.Decode(message.Body.AsSpan(MessageHeader.Size), codec with { IsIbgp = true }, _update);
        Assert.Empty(_update.Faults);
        var flags = (byte)(message.Flags & 0x50);
        foreach (RouteGroup group in _update.Withdrawn)
        {
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                _ = Routes.Remove((message.PeerType, flags, message.Peer, group.Family, route.Nlri, route.PathIdentifier));
            }
        }

        foreach (RouteGroup group in _update.Announced)
        {
            foreach (ref readonly NlriEntry route in group.Routes)
            {
                Routes[(message.PeerType, flags, message.Peer, group.Family, route.Nlri, route.PathIdentifier)] = Text(route.Label, group.Attributes);
            }
        }
    }

    public static string Text(uint label, AttributeBlock attributes) => $"{label:x} {Convert.ToHexString(attributes.Octets)}";
}

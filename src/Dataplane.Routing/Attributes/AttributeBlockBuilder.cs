using System.Buffers.Binary;
using Dataplane.Net;

namespace Dataplane.Routing.Attributes;

/// <summary>
/// Writes an <see cref="AttributeBlock"/> into a buffer that it keeps for the next one. Attributes may be set in any order, each replaces what
/// was set under its code. One thread.
/// </summary>
public sealed class AttributeBlockBuilder
{
    private byte[] _octets = new byte[512];
    private int _length;
    private int _highest; // no code in the block is higher: attributes that come in order are appended without a look at the others

    /// <summary>What was built; valid until the next change.</summary>
    public AttributeBlock Block => new(_octets.AsSpan(0, _length));

    /// <summary>Starts with an empty block.</summary>
    public void Clear() => _length = _highest = 0;

    /// <summary>Starts with a copy of a block.</summary>
    public void Load(AttributeBlock block)
    {
        Reserve(block.Octets.Length);
        block.Octets.CopyTo(_octets);
        _length = block.Octets.Length;
        _highest = byte.MaxValue;
    }

    /// <summary>Sets an attribute; <see cref="AttributeFlags.ExtendedLength"/> follows from the value.</summary>
    public void Set(AttributeCode code, AttributeFlags flags, ReadOnlySpan<byte> value)
    {
        (int at, int old) = (int)code > _highest ? (_length, 0) : Find(code);
        _highest = Math.Max(_highest, (int)code);
        var header = value.Length > byte.MaxValue ? 4 : 3;
        Span<byte> place = Resize(at, old, header + value.Length);
        place[0] = (byte)(header == 4 ? flags | AttributeFlags.ExtendedLength : flags & ~AttributeFlags.ExtendedLength);
        place[1] = (byte)code;
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(place[2..], checked((ushort)value.Length));
        }
        else
        {
            place[2] = (byte)value.Length;
        }

        value.CopyTo(place[header..]);
    }

    /// <summary>Sets an attribute of four octets.</summary>
    public void Set(AttributeCode code, AttributeFlags flags, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        Set(code, flags, octets);
    }

    /// <summary>Removes an attribute if it is there.</summary>
    public void Remove(AttributeCode code)
    {
        (int at, int old) = Find(code);
        _ = Resize(at, old, 0);
    }

    /// <summary>ORIGIN: 0 IGP, 1 EGP, 2 INCOMPLETE.</summary>
    public void SetOrigin(byte origin) => Set(AttributeCode.Origin, AttributeFlags.Transitive, [origin]);

    /// <summary>An AS_PATH of one AS_SEQUENCE; empty for a route of our own AS.</summary>
    public void SetAsPath(params ReadOnlySpan<AsNumber> sequence)
    {
        if (sequence.IsEmpty)
        {
            Set(AttributeCode.AsPath, AttributeFlags.Transitive, ReadOnlySpan<byte>.Empty);
            return;
        }

        Span<byte> octets = stackalloc byte[2 + (4 * byte.MaxValue)];
        octets[0] = 2;
        octets[1] = checked((byte)sequence.Length);
        for (var i = 0; i < sequence.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets[(2 + (4 * i))..], sequence[i].Value);
        }

        Set(AttributeCode.AsPath, AttributeFlags.Transitive, octets[..(2 + (4 * sequence.Length))]);
    }

    /// <summary>The next hop of any family (see <see cref="AttributeBlock"/>).</summary>
    public void SetNextHop(IpAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.CopyTo(octets);
        Set(AttributeCode.NextHop, AttributeFlags.Transitive, octets[..address.Size]);
    }

    /// <summary>EXTENDED COMMUNITIES, in the order given; none removes the attribute.</summary>
    public void SetExtendedCommunities(ReadOnlySpan<ExtendedCommunity> communities)
    {
        if (communities.IsEmpty)
        {
            Remove(AttributeCode.ExtendedCommunities);
            return;
        }

        var octets = new byte[communities.Length * ExtendedCommunity.Size];
        for (var i = 0; i < communities.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(octets.AsSpan(i * ExtendedCommunity.Size), communities[i].Value);
        }

        Set(AttributeCode.ExtendedCommunities, AttributeFlags.Optional | AttributeFlags.Transitive, octets);
    }

    private (int At, int Size) Find(AttributeCode code)
    {
        var at = 0;
        foreach (AttributeView attribute in Block)
        {
            if (attribute.Code >= code)
            {
                return (at, attribute.Code == code ? attribute.Whole.Length : 0);
            }

            at += attribute.Whole.Length;
        }

        return (at, 0);
    }

    private Span<byte> Resize(int at, int oldSize, int newSize)
    {
        var grown = _length + newSize - oldSize;
        Reserve(grown);
        _octets.AsSpan(at + oldSize, _length - at - oldSize).CopyTo(_octets.AsSpan(at + newSize));
        _length = grown;
        return _octets.AsSpan(at, newSize);
    }

    private void Reserve(int octets)
    {
        if (octets > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(octets, _octets.Length * 2));
        }
    }
}

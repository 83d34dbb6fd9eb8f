using System.Buffers;
using System.Buffers.Binary;
using Dataplane.Net;
using Dataplane.Routing.Attributes;

namespace Dataplane.Routing.Policy;

/// <summary>A change that a term makes. Immutable; <see cref="object.ToString"/> is its text in canonical form.</summary>
public abstract class RouteAction
{
    /// <summary>Whether it needs the peer's address or system.</summary>
    public virtual bool LooksAtPeer => false;

    /// <summary>Changes a route. Allocates nothing.</summary>
    public abstract void Apply(ref PolicyRoute route);
}

/// <summary>Sets LOCAL_PREF.</summary>
public sealed class SetLocalPref(uint value) : RouteAction
{
    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route)
    {
        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        route.Set(AttributeCode.LocalPref, AttributeFlags.Transitive, octets);
    }

    /// <inheritdoc/>
    public override string ToString() => $"local-pref {value}";
}

/// <summary>Sets MULTI_EXIT_DISC, or adds to it; the sum stays within 0 and 2^32 − 1, and a missing one counts as 0.</summary>
/// <param name="value">The number to set, or to add (negative to subtract).</param>
/// <param name="isSum">Whether to add.</param>
public sealed class SetMed(long value, bool isSum = false) : RouteAction
{
    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route)
    {
        var med = value;
        if (isSum && route.Attributes.TryGet(AttributeCode.MultiExitDisc, out ReadOnlySpan<byte> old))
        {
            med += BinaryPrimitives.ReadUInt32BigEndian(old);
        }

        Span<byte> octets = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Math.Clamp(med, 0, uint.MaxValue));
        route.Set(AttributeCode.MultiExitDisc, AttributeFlags.Optional, octets);
    }

    /// <inheritdoc/>
    public override string ToString() => isSum ? $"med {value:+0;-0}" : $"med {value}";
}

/// <summary>Removes MULTI_EXIT_DISC.</summary>
public sealed class RemoveMed : RouteAction
{
    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route) => route.Remove(AttributeCode.MultiExitDisc);

    /// <inheritdoc/>
    public override string ToString() => "med none";
}

/// <summary>Sets ORIGIN.</summary>
public sealed class SetOrigin(RouteOrigin origin) : RouteAction
{
    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route) => route.Set(AttributeCode.Origin, AttributeFlags.Transitive, [(byte)origin]);

    /// <inheritdoc/>
    public override string ToString() => $"origin {origin}";
}

/// <summary>Sets the next hop to an address, to ourselves, or keeps it from being changed on the way out.</summary>
public sealed class SetNextHop : RouteAction
{
    private readonly PolicyNextHop _mode;
    private readonly IpAddress _address;

    private SetNextHop(PolicyNextHop mode, IpAddress address) => (_mode, _address) = (mode, address);

    /// <summary>Ourselves: the address that the peer knows us by.</summary>
    public static SetNextHop Self { get; } = new(PolicyNextHop.Self, default);

    /// <summary>As it is, to external peers too.</summary>
    public static SetNextHop Unchanged { get; } = new(PolicyNextHop.Unchanged, default);

    /// <summary>An address.</summary>
    public static SetNextHop To(IpAddress address) => new(PolicyNextHop.Address, address);

    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route)
    {
        route.NextHop = _mode;
        IpAddress address = _mode == PolicyNextHop.Self ? route.Context.LocalAddress : _address;
        if (_mode != PolicyNextHop.Unchanged && !address.IsUnspecified)
        {
            Span<byte> octets = stackalloc byte[16];
            address.CopyTo(octets);
            route.Set(AttributeCode.NextHop, AttributeFlags.Transitive, octets[..address.Size]);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _mode == PolicyNextHop.Address ? $"next-hop {_address}" : $"next-hop {_mode}";
}

/// <summary>Puts a number before AS_PATH, several times maybe.</summary>
/// <param name="number">The number; null for our own, as the peer knows it.</param>
/// <param name="count">How often, 1 to 25.</param>
public sealed class PrependAs(AsNumber? number, int count) : RouteAction
{
    /// <summary>Most repetitions.</summary>
    public const int MaxCount = 25;

    /// <inheritdoc/>
    public override void Apply(ref PolicyRoute route)
    {
        AsNumber repeated = number ?? route.Context.LocalAs;
        _ = route.Attributes.TryGet(AttributeCode.AsPath, out ReadOnlySpan<byte> old);

        // The first segment takes the numbers in when it is a sequence with room for them; otherwise they are a segment of their own.
        var joins = old.Length >= AsPathView.SegmentHeader && old[0] == AsPathView.Sequence && old[1] + count <= byte.MaxValue;
        var size = old.Length + (4 * count) + (joins ? 0 : AsPathView.SegmentHeader);
        var rented = ArrayPool<byte>.Shared.Rent(size);
        Span<byte> path = rented.AsSpan(0, size);
        path[0] = AsPathView.Sequence;
        path[1] = (byte)(count + (joins ? old[1] : 0));
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(path[(AsPathView.SegmentHeader + (4 * i))..], repeated.Value);
        }

        old[(joins ? AsPathView.SegmentHeader : 0)..].CopyTo(path[(AsPathView.SegmentHeader + (4 * count))..]);
        route.Set(AttributeCode.AsPath, AttributeFlags.Transitive, path);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public override string ToString() => $"as-path-prepend {number?.ToString() ?? "own"} x{count}";
}

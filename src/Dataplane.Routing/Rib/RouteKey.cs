using System.Runtime.InteropServices;
using Dataplane.Net;
using Dataplane.Routing.Storage;

namespace Dataplane.Routing.Rib;

/// <summary>The compact form in which a table holds the NLRI of its family.</summary>
/// <typeparam name="TSelf">The key itself.</typeparam>
public interface IRouteKey<TSelf> : IEquatable<TSelf>
    where TSelf : unmanaged, IRouteKey<TSelf>
{
    /// <summary>The NLRI.</summary>
    Nlri Nlri { get; }

    /// <summary>The hash under which the table finds it.</summary>
    uint Hash { get; }

    /// <summary>The key of an NLRI.</summary>
    static abstract TSelf Of(in Nlri nlri);
}

/// <summary>IPv4 and VPN-IPv4: 16 octets.</summary>
/// <param name="Distinguisher">The route distinguisher.</param>
/// <param name="Address">The IPv4 address.</param>
/// <param name="Length">The prefix length.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct NarrowKey(ulong Distinguisher, uint Address, byte Length) : IRouteKey<NarrowKey>
{
    /// <inheritdoc/>
    public Nlri Nlri => new(new RouteDistinguisher(Distinguisher), 0, Address, Length);

    /// <inheritdoc/>
    public uint Hash => KeyHash.Of(Distinguisher, (ulong)Address << 8 | Length);

    /// <inheritdoc/>
    public static NarrowKey Of(in Nlri nlri) => new(nlri.Distinguisher.Value, (uint)nlri.Low, nlri.Length);
}

/// <summary>Every other family: 28 octets.</summary>
/// <param name="Distinguisher">The route distinguisher.</param>
/// <param name="High">As in <see cref="Nlri"/>.</param>
/// <param name="Low">As in <see cref="Nlri"/>.</param>
/// <param name="Length">The prefix length.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct WideKey(ulong Distinguisher, ulong High, ulong Low, byte Length) : IRouteKey<WideKey>
{
    /// <inheritdoc/>
    public Nlri Nlri => new(new RouteDistinguisher(Distinguisher), High, Low, Length);

    /// <inheritdoc/>
    public uint Hash => KeyHash.Of(Distinguisher, High, Low, Length);

    /// <inheritdoc/>
    public static WideKey Of(in Nlri nlri) => new(nlri.Distinguisher.Value, nlri.High, nlri.Low, nlri.Length);
}

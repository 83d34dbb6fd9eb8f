using System.Runtime.InteropServices;
using Dataplane.Net;

namespace Dataplane.Routing.Rib;

/// <summary>A source of paths, as best path selection and management see it.</summary>
public sealed record SourceInfo
{
    /// <summary>What it is.</summary>
    public required SourceKind Kind { get; init; }

    /// <summary>Its BGP identifier; 0 as long as it is not known.</summary>
    public uint RouterId { get; init; }

    /// <summary>Its address.</summary>
    public IpAddress Address { get; init; }

    /// <summary>Its AS.</summary>
    public AsNumber As { get; init; }

    /// <summary>Whether we reflect to and from it as a client (RFC 4456).</summary>
    public bool IsRouteReflectorClient { get; init; }

    /// <summary>Whether flow specifications from it are validated with unicast routes (RFC 8955 §6).</summary>
    public bool ValidatesFlowSpecs { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }
}

/// <summary>Everything paths come from. Routing thread.</summary>
public sealed class SourceTable
{
    private readonly Stack<ushort> _free = new();
    private SourceInfo?[] _infos = new SourceInfo?[16];
    private SourceRow[] _rows = new SourceRow[16];
    private int _end;

    /// <summary>Sources there are.</summary>
    public int Count => _end - _free.Count;

    /// <summary>One more than the highest id.</summary>
    public int End => _end;

    /// <summary>A source.</summary>
    /// <exception cref="KeyNotFoundException">There is none with this id.</exception>
    public SourceInfo this[SourceId id] => Find(id) ?? throw new KeyNotFoundException($"There is no source {id.Value}.");

    /// <summary>A source, or null when there is none with this id.</summary>
    public SourceInfo? Find(SourceId id) => id.Value < _end ? _infos[id.Value] : null;

    /// <summary>Adds a source.</summary>
    /// <exception cref="InvalidOperationException">There are 65535 already.</exception>
    public SourceId Add(SourceInfo info)
    {
        if (!_free.TryPop(out var value))
        {
            if (_end == ushort.MaxValue)
            {
                throw new InvalidOperationException($"There can be at most {ushort.MaxValue} sources.");
            }

            value = (ushort)_end++;
            if (value == _infos.Length)
            {
                Array.Resize(ref _infos, value * 2);
                Array.Resize(ref _rows, value * 2);
            }
        }

        var id = new SourceId(value);
        Set(id, info);
        return id;
    }

    /// <summary>Replaces what is known about a source. Selections made before stand until their destinations change or are marked.</summary>
    public void Update(SourceId id, SourceInfo info)
    {
        _ = this[id];
        Set(id, info);
    }

    /// <summary>Removes a source, which has no path left in any table.</summary>
    public void Remove(SourceId id)
    {
        _ = this[id];
        _infos[id.Value] = null;
        _free.Push(id.Value);
    }

    /// <summary>What selection compares.</summary>
    internal ref readonly SourceRow Row(SourceId id) => ref _rows[id.Value];

    private void Set(SourceId id, SourceInfo info)
    {
        _infos[id.Value] = info;
        _rows[id.Value] = new SourceRow(info.Kind, info.RouterId, info.Address);
    }
}

/// <summary>What selection compares of a source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="RouterId">Its BGP identifier.</param>
/// <param name="Address">Its address.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SourceRow(SourceKind Kind, uint RouterId, IpAddress Address);

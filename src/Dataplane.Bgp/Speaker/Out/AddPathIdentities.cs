using Dataplane.Routing;

namespace Dataplane.Bgp.Speaker.Out;

/// <summary>
/// Small local path identifiers for the paths of a destination (RFC 7911 §3): the number of a plane plus one. A path, known by its source and the
/// identifier that the source gave it, keeps its plane as long as any peer has it, so that peers' Adj-RIB-Outs are bitmaps, one per plane.
/// One column of eight octets per plane in use. Routing thread.
/// </summary>
internal sealed class AddPathIdentities
{
    /// <summary>The most paths of one destination that can be out at the same time.</summary>
    public const int MaximumPlanes = 64;

    private const int PageShift = 12;
    private const int PageRows = 1 << PageShift;
    private const ulong Taken = 1UL << 63;

    private readonly List<ulong[]?[]> _planes = [];

    /// <summary>How many planes there are.</summary>
    public int Planes => _planes.Count;

    /// <summary>The plane of a path; −1 when all are taken.</summary>
    public int PlaneOf(int destination, SourceId source, uint pathIdentifier)
    {
        var identity = Taken | (ulong)source.Value << 32 | pathIdentifier;
        var free = -1;
        for (var plane = 0; plane < _planes.Count; plane++)
        {
            var held = Read(plane, destination);
            if (held == identity)
            {
                return plane;
            }

            free = free < 0 && held == 0 ? plane : free;
        }

        if (free < 0)
        {
            if (_planes.Count == MaximumPlanes)
            {
                return -1;
            }

            _planes.Add([]);
            free = _planes.Count - 1;
        }

        Write(free, destination, identity);
        return free;
    }

    /// <summary>The plane that a path has already; −1 when it has none.</summary>
    public int FindPlane(int destination, SourceId source, uint pathIdentifier)
    {
        var identity = Taken | (ulong)source.Value << 32 | pathIdentifier;
        var plane = _planes.Count - 1;
        while (plane >= 0 && Read(plane, destination) != identity)
        {
            plane--;
        }

        return plane;
    }

    /// <summary>Whether a plane is taken at a destination.</summary>
    public bool IsTaken(int plane, int destination) => Read(plane, destination) != 0;

    /// <summary>Gives a plane back: nobody has the path any more.</summary>
    public void Free(int plane, int destination) => Write(plane, destination, 0);

    private ulong Read(int plane, int destination)
    {
        ulong[]?[] pages = _planes[plane];
        var page = destination >> PageShift;
        return page < pages.Length && pages[page] is { } rows ? rows[destination & (PageRows - 1)] : 0;
    }

    private void Write(int plane, int destination, ulong identity)
    {
        ulong[]?[] pages = _planes[plane];
        var page = destination >> PageShift;
        if (page >= pages.Length)
        {
            Array.Resize(ref pages, Math.Max(page + 1, pages.Length * 2));
            _planes[plane] = pages;
        }

        (pages[page] ??= new ulong[PageRows])[destination & (PageRows - 1)] = identity;
    }
}

using Dataplane.Bgp.Transport;

namespace Dataplane.Bgp.Export.Bmp;

/// <summary>Messages for all stations that want one view, collected until they are handed out. Routing thread.</summary>
internal sealed class BmpOutput
{
    /// <summary>More octets than this are better handed out before more are written.</summary>
    public const int Enough = 32 * 1024;

    private SharedBuffer? _buffer;

    /// <summary>Octets that wait.</summary>
    public int Length => _buffer?.Length ?? 0;

    /// <summary>Where messages are written.</summary>
    public SharedBuffer Writer => _buffer ??= SharedBuffer.Rent(Enough + 8192);

    /// <summary>Hands what was collected to sessions.</summary>
    public void Flush(IEnumerable<BmpSession> sessions)
    {
        if (_buffer is not { } buffer)
        {
            return;
        }

        _buffer = null;
        foreach (BmpSession session in sessions)
        {
            _ = session.TrySend(buffer);
        }

        buffer.Release();
    }
}

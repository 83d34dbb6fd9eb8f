using System.Text;

namespace Dataplane.Routing.Vpn;

/// <summary>
/// Remembers which name has which distinguisher and label: a text file, a line for each, replaced as a whole so that a reader finds the old
/// or the new one. Routing thread, before there are sessions (<see cref="Load"/>) and when it has time (<see cref="Save"/>).
/// </summary>
public sealed class VpnNumberFile
{
    private const string Heading = "# Names and their numbers. Written by dataplane; lines may be removed while it does not run.\n";
    private readonly string _path;
    private readonly NumberRegister[] _registers;

    /// <summary>The file for these allocators.</summary>
    public VpnNumberFile(string path, DistinguisherAllocator distinguishers, LabelAllocator labels)
    {
        _path = path;
        _registers = [distinguishers.Register, labels.Register];
    }

    /// <summary>Whether something was lent or forgotten since the last <see cref="Save"/>.</summary>
    public bool IsChanged => Array.Exists(_registers, static register => register.IsChanged);

    /// <summary>Reads the file, if there is one, before anything is lent. Lines that say nothing are passed over.</summary>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        foreach (var line in File.ReadLines(_path))
        {
            _ = Array.Exists(_registers, register => register.Load(line));
        }

        foreach (NumberRegister register in _registers)
        {
            register.IsChanged = false;
        }
    }

    /// <summary>Writes the file if there is something new: beside it first, to the disk, then in its place.</summary>
    /// <exception cref="IOException">It cannot be written; the next call tries again.</exception>
    public void Save()
    {
        if (!IsChanged)
        {
            return;
        }

        var text = new StringBuilder(Heading);
        var changed = Array.ConvertAll(_registers, static register => register.IsChanged);
        foreach (NumberRegister register in _registers)
        {
            register.Save(text);
        }

        try
        {
            var beside = _path + ".new";
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(text.ToString()));
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _path, overwrite: true);
        }
        catch
        {
            for (var i = 0; i < changed.Length; i++)
            {
                _registers[i].IsChanged |= changed[i];
            }

            throw;
        }
    }
}

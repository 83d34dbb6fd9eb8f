using System.IO.MemoryMappedFiles;
using System.Text;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>The case in hand, in a mapped file: it is there even when the process ends in the middle of it.</summary>
internal sealed class TryingFile : IDisposable
{
    private const int Bytes = 1 << 20;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal TryingFile(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Bytes);
        _view = _file.CreateViewAccessor();
    }

    internal void Write(FuzzCase fuzzCase)
    {
        byte[] text = Encoding.ASCII.GetBytes(fuzzCase.ToString());
        _view.Write(0, 0);
        _view.WriteArray(sizeof(int), text, 0, text.Length);
        _view.Write(0, text.Length);
    }

    internal static string Read(string path)
    {
        byte[] all = File.ReadAllBytes(path);
        return Encoding.ASCII.GetString(all, sizeof(int), BitConverter.ToInt32(all));
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}

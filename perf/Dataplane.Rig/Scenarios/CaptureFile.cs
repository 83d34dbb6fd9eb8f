namespace Dataplane.Rig.Scenarios;

/// <summary>Classic pcap files, little-endian, Ethernet.</summary>
internal static class CaptureFile
{
    private const int GlobalHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;

    internal static void Write(string path, IReadOnlyList<byte[]> frames)
    {
        using var file = new BinaryWriter(File.Create(path));
        file.Write([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0]);
        for (int i = 0; i < frames.Count; i++)
        {
            file.Write(i / 1_000_000);
            file.Write(i % 1_000_000);
            file.Write(frames[i].Length);
            file.Write(frames[i].Length);
            file.Write(frames[i]);
        }
    }

    /// <summary>The frames of a file that this machine wrote, whatever unit its times have.</summary>
    internal static List<byte[]> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var frames = new List<byte[]>();
        for (int at = GlobalHeaderBytes; at + RecordHeaderBytes <= file.Length;)
        {
            int length = BitConverter.ToInt32(file, at + 8);
            frames.Add(file[(at + RecordHeaderBytes)..(at + RecordHeaderBytes + length)]);
            at += RecordHeaderBytes + length;
        }
        return frames;
    }
}

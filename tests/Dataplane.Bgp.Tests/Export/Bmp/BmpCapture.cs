using System.Buffers.Binary;
using System.Diagnostics;

namespace Dataplane.Bgp.Tests.Export.Bmp;

/// <summary>Has tshark read a BMP stream: an opinion that is not our own.</summary>
internal static class BmpCapture
{
    private const int Port = 11019;
    private const int SegmentOctets = 16 * 1024;

    /// <summary>One row for each TCP segment with BMP in it, one column for each field.</summary>
    public static List<string[]> Decode(byte[] stream, params string[] fields)
    {
        var path = Path.Combine(Path.GetTempPath(), $"bmp-{Guid.NewGuid():N}.pcap");
        try
        {
            File.WriteAllBytes(path, Capture(stream));
            var start = new ProcessStartInfo("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["-n", "-r", path, "-d", $"tcp.port=={Port},bmp", "-Y", "bmp", "-T", "fields", .. fields.SelectMany(field => new[] { "-e", field })])
            {
                start.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(start)!;
            _ = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
        }
        finally
        {
            File.Delete(path);
        }
    }

    // A pcap file of raw IPv4 (link type 101) with the stream in TCP segments from 127.0.0.1 to itself; checksums are not looked at.
    private static byte[] Capture(byte[] stream)
    {
        using var file = new MemoryStream();
        file.Write([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 101, 0, 0, 0]);
        Span<byte> record = stackalloc byte[56];
        for (var at = 0; at < stream.Length; at += SegmentOctets)
        {
            ReadOnlySpan<byte> payload = stream.AsSpan(at, Math.Min(SegmentOctets, stream.Length - at));
            record.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(record[8..], 40 + payload.Length);
            BinaryPrimitives.WriteInt32LittleEndian(record[12..], 40 + payload.Length);
            Span<byte> ip = record[16..];
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + payload.Length));
            (ip[8], ip[9], ip[12], ip[15], ip[16], ip[19]) = (64, 6, 127, 1, 127, 1);
            Span<byte> tcp = ip[20..];
            BinaryPrimitives.WriteUInt16BigEndian(tcp, 40000);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], Port);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], (uint)at + 1);
            (tcp[12], tcp[13], tcp[14]) = (0x50, 0x18, 0xFF);
            file.Write(record);
            file.Write(payload);
        }

        return file.ToArray();
    }
}

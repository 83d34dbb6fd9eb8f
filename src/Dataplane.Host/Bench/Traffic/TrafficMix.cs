using System.Buffers.Binary;
using System.Globalization;
using Dataplane.Net;

namespace Dataplane.Host.Bench.Traffic;

/// <summary>The frames of a capture, of one frame size, ready to be sent in turn.</summary>
internal sealed class TrafficMix
{
    private const int LargestData = 1 << 30;
    private const ulong HashBasis = 0xCBF29CE484222325;
    private const ulong HashPrime = 0x100000001B3;

    private TrafficMix(FrameSize size, byte[] data, FrameTemplate[] templates, long span, int leftOut)
    {
        Size = size;
        Data = data;
        Templates = templates;
        SpanNanoseconds = span;
        LeftOut = leftOut;
        MeanOctets = templates.Average(static template => (double)template.Length) + FrameSize.Fcs;
        Stamped = templates.Count(static template => template.StampAt >= 0);
        LongestFrame = templates.Max(static template => template.Length);
    }

    /// <summary>Which frame size it is.</summary>
    public FrameSize Size { get; }

    /// <summary>The frames, one behind the other.</summary>
    public byte[] Data { get; }

    /// <summary>Where they are; not empty.</summary>
    public FrameTemplate[] Templates { get; }

    /// <summary>Capture time of one pass, up to the first frame of the next.</summary>
    public long SpanNanoseconds { get; }

    /// <summary>Frames of the capture that cannot be resized and are not part of this.</summary>
    public int LeftOut { get; }

    /// <summary>Mean frame size with FCS.</summary>
    public double MeanOctets { get; }

    /// <summary>Templates with room for a mark.</summary>
    public int Stamped { get; }

    /// <summary>Octets of the longest frame, without FCS.</summary>
    public int LongestFrame { get; }

    /// <summary>Prepares frames.</summary>
    /// <param name="frames">The capture; not empty.</param>
    /// <param name="size">The size they shall have.</param>
    /// <param name="lane">Chooses the outlet: port row and a hash of the flow.</param>
    /// <exception cref="BenchException">The size has no room for a frame's headers, or no frame can be resized.</exception>
    public static TrafficMix Build(IReadOnlyList<CapturedFrame> frames, FrameSize size, Func<int, ulong, int> lane)
    {
        long first = frames[0].Nanoseconds;
        long last = frames[^1].Nanoseconds - first;
        long span = Math.Max(last + last / Math.Max(frames.Count - 1, 1), 1);
        int blocks = Math.Max(size.Cycle.Count, 1);
        FrameLayout?[] layouts = [.. frames.Select(static frame => FrameLayout.TryParse(frame.Data))];
        int[] used = [.. Enumerable.Range(0, frames.Count).Where(i => size.Cycle.Count == 0 || CanResize(layouts[i]))];
        if (used.Length == 0)
        {
            throw new BenchException($"--frame-size {size.Name}",
                $"none of the capture's {frames.Count} frames can be resized: they are not IP, fragments, malformed or of a protocol whose length is not known");
        }
        long octets = used.Sum(i => size.Cycle.Count == 0 ? frames[i].Data.Length : size.Cycle.Sum(static one => (long)one));
        if (octets > LargestData)
        {
            throw new BenchException($"--frame-size {size.Name}", string.Create(CultureInfo.InvariantCulture,
                $"the capture's {used.Length} frames of this size take {octets >> 20} MiB and at most {LargestData >> 20} are held; cut the capture: editcap -r IN OUT 1-65536"));
        }
        var data = new MemoryStream((int)octets);
        var templates = new List<FrameTemplate>(used.Length * blocks);
        for (int block = 0; block < blocks; block++)
        {
            for (int n = 0; n < used.Length; n++)
            {
                CapturedFrame frame = frames[used[n]];
                FrameLayout? layout = layouts[used[n]];
                byte[] bytes = frame.Data;
                if (size.Cycle.Count != 0)
                {
                    bytes = Resize(frame, layout!, size, size.Cycle[(n + block) % blocks] - FrameSize.Fcs);
                    layout = FrameLayout.TryParse(bytes)!;
                }
                FrameTemplate template = MakeTemplate(ref bytes, layout);
                template.Offset = (int)data.Length;
                template.Due = block * span + frame.Nanoseconds - first;
                template.Lane = lane(frame.Port, FlowHash(bytes, layout));
                templates.Add(template);
                data.Write(bytes);
            }
        }
        return new TrafficMix(size, data.ToArray(), [.. templates], blocks * span, frames.Count - used.Length);
    }

    private static bool CanResize(FrameLayout? layout) => layout is { ChecksumAt: >= 0 };

    private static byte[] Resize(CapturedFrame frame, FrameLayout layout, FrameSize size, int octets)
    {
        // TCP with nothing behind its header is a frame all the same.
        if (octets < layout.Payload)
        {
            throw new BenchException(frame.Source, string.Create(CultureInfo.InvariantCulture,
                $"frame size {octets + FrameSize.Fcs}{(size.Cycle.Count > 1 ? $" of {size.Name}" : "")} is too small: this frame has {layout.Payload} octets of headers, so at least {layout.Payload + FrameSize.Fcs} are needed"));
        }
        return FrameResizer.Resize(frame.Data, layout, octets);
    }

    private static FrameTemplate MakeTemplate(ref byte[] frame, FrameLayout? layout)
    {
        var template = new FrameTemplate { Length = frame.Length, StampAt = -1, ChecksumAt = -1 };
        if (layout is null || layout.Protocol is not (IpProtocol.Udp or IpProtocol.Tcp) || layout.End - layout.Payload < Stamp.Bytes)
            return template;
        template.StampAt = layout.End - Stamp.Bytes;
        bool tunnelChecksum = layout.TunnelUdp >= 0 && frame.AsSpan(layout.TunnelUdp + 6, 2).ContainsAnyExcept((byte)0);
        if (FrameResizer.HasNoChecksum(layout, frame))
        {
            if (!tunnelChecksum)
                return template;
            // The tunnel's checksum stays right only when a checksum inside makes up for the mark.
            frame = frame[..layout.End];
            FrameResizer.SetTransportChecksum(frame, layout);
            frame = FrameResizer.Resize(frame, layout, layout.End);
            template.Length = frame.Length;
        }
        template.ChecksumAt = layout.ChecksumAt;
        template.IsUdp = layout.Protocol == IpProtocol.Udp;
        template.StampIsOdd = ((template.StampAt - layout.Transport) & 1) != 0;
        uint old = (ushort)~BinaryPrimitives.ReadUInt16LittleEndian(frame.AsSpan(layout.ChecksumAt));
        uint mark = (ushort)~Stamp.SumOf(frame.AsSpan(template.StampAt, Stamp.Bytes), template.StampIsOdd);
        template.ChecksumBase = (ushort)Stamp.Fold(old + mark);
        return template;
    }

    // Like receive-side scaling: outermost addresses and, without a tunnel, ports.
    private static ulong FlowHash(ReadOnlySpan<byte> frame, FrameLayout? layout)
    {
        ulong hash = HashBasis;
        if (layout is null)
            return hash;
        int ip = layout.IpOffsets[0];
        ReadOnlySpan<byte> addresses = frame[ip] >> 4 == 4 ? frame.Slice(ip + 12, 8) : frame.Slice(ip + 8, 32);
        foreach (byte octet in addresses)
            hash = (hash ^ octet) * HashPrime;
        bool hasPorts = layout.TunnelUdp >= 0 || (layout.IpOffsets.Count == 1 && layout.Protocol is IpProtocol.Udp or IpProtocol.Tcp);
        if (hasPorts)
        {
            foreach (byte octet in frame.Slice(layout.TunnelUdp >= 0 ? layout.TunnelUdp : layout.Transport, 4))
                hash = (hash ^ octet) * HashPrime;
        }
        return hash ^ (hash >> 32);
    }
}

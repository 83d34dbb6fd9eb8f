using System.Buffers.Binary;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.EndToEnd.EndSystem;

/// <summary>
/// Virtual machines without kernels, each with an address of its own, behind two links: each is at one of them, answers ARP, echo requests and datagrams there and
/// is silent at the other. It has another MAC at either. Moving one is a single store: what a migration does with the guest itself takes no time.
/// </summary>
public sealed class VirtualMachines : IDisposable
{
    private readonly PacketSocket[] _links;
    private readonly Thread[] _threads;
    private readonly int[] _places;
    private readonly long[] _arrivals;
    private readonly uint _first;
    private volatile bool _isOver;

    /// <summary>Starts machines at the first of two links.</summary>
    /// <param name="links">Namespaces with the links and their names.</param>
    /// <param name="first">Address of the first; the others follow it.</param>
    /// <param name="count">How many.</param>
    public VirtualMachines((NetworkNamespace Space, string Link)[] links, string first, int count)
    {
        _first = BinaryPrimitives.ReadUInt32BigEndian(Frame.Ip(first));
        _places = new int[count];
        _arrivals = new long[links.Length];
        _links = [.. links.Select(static link => new PacketSocket(link.Space, link.Link))];
        _threads = [.. _links.Select((_, place) => new Thread(() => Serve(place)) { IsBackground = true })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public int Count => _places.Length;

    /// <summary>The address of a machine.</summary>
    public string AddressOf(int machine)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, _first + (uint)machine);
        return string.Join('.', octets);
    }

    /// <summary>The MAC of a machine at a place.</summary>
    public static string MacOf(int machine, int place) => $"02:00:00:{place + 1:x2}:{machine >> 8:x2}:{machine & 255:x2}";

    /// <summary>Packets for any of the machines that have come to a place so far, whether that machine was there or not.</summary>
    public long ArrivalsAt(int place) => Volatile.Read(ref _arrivals[place]);

    /// <summary>From now on a machine is at the link of this number, and not at the other.</summary>
    public void Move(int machine, int place) => Volatile.Write(ref _places[machine], place);

    /// <summary>Sends a frame from a link, whoever is there.</summary>
    public void Send(int place, byte[] frame) => _links[place].Send(frame);

    public void Dispose()
    {
        _isOver = true;
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (PacketSocket link in _links)
        {
            link.Dispose();
        }
    }

    private void Serve(int place)
    {
        byte[] buffer = new byte[4096];
        while (!_isOver)
        {
            int length = _links[place].Receive(buffer);
            if (length >= 34 && Answer(buffer.AsSpan(0, length), place))
            {
                _links[place].Send(buffer.AsSpan(0, length));
            }
        }
    }

    private bool Answer(Span<byte> frame, int place)
    {
        int etherType = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        bool isArp = etherType == 0x0806;
        Span<byte> target = frame.Slice(isArp ? 38 : 30, 4);
        long machine = (long)BinaryPrimitives.ReadUInt32BigEndian(target) - _first;
        if (machine < 0 || machine >= _places.Length)
        {
            return false;
        }

        if (!isArp)
        {
            Volatile.Write(ref _arrivals[place], _arrivals[place] + 1);
        }

        if (Volatile.Read(ref _places[machine]) != place)
        {
            return false;
        }

        Span<byte> sender = frame.Slice(isArp ? 28 : 26, 4);
        Span<byte> swapped = stackalloc byte[4];
        if (isArp)
        {
            if (frame[21] != 1)
            {
                return false;
            }

            frame[21] = 2;
            frame.Slice(22, 6).CopyTo(frame[32..]);
            Frame.Mac(MacOf((int)machine, place)).CopyTo(frame[22..]);
        }
        else if (etherType != 0x0800 || !AnswerPacket(frame[14..]))
        {
            return false;
        }

        sender.CopyTo(swapped);
        target.CopyTo(sender);
        swapped.CopyTo(target);
        frame.Slice(6, 6).CopyTo(frame);
        Frame.Mac(MacOf((int)machine, place)).CopyTo(frame[6..]);
        return true;
    }

    // Exchanging addresses and ports leaves checksums as they are; an echo reply has another type.
    private static bool AnswerPacket(Span<byte> packet)
    {
        Span<byte> transport = packet[20..];
        if (packet[9] == 17)
        {
            ushort port = BinaryPrimitives.ReadUInt16BigEndian(transport);
            transport.Slice(2, 2).CopyTo(transport);
            BinaryPrimitives.WriteUInt16BigEndian(transport[2..], port);
            return true;
        }

        if (packet[9] != 1 || transport[0] != 8)
        {
            return false;
        }

        transport[0] = 0;
        uint checksum = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]) + 0x0800u;
        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], (ushort)((checksum & 0xFFFF) + (checksum >> 16)));
        return true;
    }
}

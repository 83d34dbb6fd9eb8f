using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// A packet(7) socket on one interface of a namespace: sends frames as they are, and receives every frame that arrives
/// there (not those sent). The kernel takes the outermost VLAN tag off before it delivers.
/// </summary>
public sealed unsafe partial class PacketSocket : IDisposable
{
    private const int FamilyPacket = 17;
    private const int RawType = 3;
    private const ushort AllProtocols = 3;
    private const byte OutgoingPacket = 4;
    private const int ReadTimeoutMs = 100;
    private readonly int _descriptor;

    public PacketSocket(NetworkNamespace space, string interfaceName)
    {
        _descriptor = space.Join(() =>
        {
            int descriptor = Check(Socket(FamilyPacket, RawType, SwapBytes(AllProtocols)), "socket");
            SocketAddress address = new()
            {
                Family = FamilyPacket,
                Protocol = (ushort)SwapBytes(AllProtocols),
                InterfaceIndex = IndexOf(interfaceName),
            };
            _ = Check(Bind(descriptor, &address, sizeof(SocketAddress)), "bind");
            return descriptor;
        });
    }

    public void Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* start = frame)
        {
            _ = Check((int)Send(_descriptor, start, (nuint)frame.Length, 0), "send");
        }
    }

    /// <summary>The first frame to arrive that <paramref name="wanted"/> accepts, or null when none came in time.</summary>
    public byte[]? Receive(Func<byte[], bool> wanted, TimeSpan? patience = null)
    {
        Stopwatch clock = Stopwatch.StartNew();
        byte[] buffer = new byte[65536];
        while (clock.Elapsed < (patience ?? Command.Patience))
        {
            PollRequest request = new() { Descriptor = _descriptor, Events = 1 };
            if (Poll(&request, 1, ReadTimeoutMs) <= 0)
            {
                continue;
            }

            SocketAddress from;
            int addressBytes = sizeof(SocketAddress);
            nint received;
            fixed (byte* start = buffer)
            {
                received = ReceiveFrom(_descriptor, start, (nuint)buffer.Length, 0, &from, &addressBytes);
            }

            byte[] frame = buffer[..Check((int)received, "recvfrom")];
            if (from.PacketType != OutgoingPacket && wanted(frame))
            {
                return frame;
            }
        }

        return null;
    }

    /// <summary>The next frame to arrive, into a buffer of the caller's; 0 when none came in a tenth of a second.</summary>
    public int Receive(Span<byte> buffer)
    {
        PollRequest request = new() { Descriptor = _descriptor, Events = 1 };
        if (Poll(&request, 1, ReadTimeoutMs) <= 0)
        {
            return 0;
        }

        SocketAddress from;
        int addressBytes = sizeof(SocketAddress);
        fixed (byte* start = buffer)
        {
            int received = Check((int)ReceiveFrom(_descriptor, start, (nuint)buffer.Length, 0, &from, &addressBytes), "recvfrom");
            return from.PacketType != OutgoingPacket ? received : 0;
        }
    }

    public void Dispose() => _ = Close(_descriptor);

    private static int Check(int result, string what) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), what);

    private static int IndexOf(string interfaceName)
    {
        int index = (int)InterfaceIndex(interfaceName);
        return index != 0 ? index : throw new Win32Exception(Marshal.GetLastPInvokeError(), interfaceName);
    }

    private static int SwapBytes(ushort value) => (value >> 8) | ((value & 0xFF) << 8);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, SocketAddress* address, int addressBytes);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, byte* start, nuint bytes, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(int descriptor, byte* start, nuint bytes, int flags, SocketAddress* from, int* addressBytes);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    /// <summary>struct sockaddr_ll; protocol in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int InterfaceIndex;
        public ushort HardwareType;
        public byte PacketType;
        public byte AddressLength;
        public ulong HardwareAddress;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

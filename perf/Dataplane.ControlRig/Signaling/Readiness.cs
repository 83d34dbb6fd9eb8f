using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Dataplane.ControlRig.Signaling;

/// <summary>
/// Waits for thousands of sockets at once and has each read on the thread that saw it readable: a system call for many and one for each, and no hop to
/// another thread. So a thousand agents take little of the CPUs that they share with the gateway.
/// </summary>
internal sealed unsafe partial class Readiness
{
    private const int Add = 1;
    private const int Delete = 2;
    private const uint Readable = 1;
    private const int EventsAtOnce = 256;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + sizeof(ulong);
    private static readonly Readiness[] All = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new Readiness())];
    private static int _next;

    private readonly int _descriptor = epoll_create1(0);
    private readonly List<AgentSocket> _sockets = [];

    private Readiness() => new Thread(Run) { IsBackground = true, Name = "agents" }.Start();

    /// <summary>From now on a socket is told when something has come. What it does is not done by another thread meanwhile.</summary>
    internal static Readiness Watch(AgentSocket socket)
    {
        Readiness one = All[(uint)Interlocked.Increment(ref _next) % (uint)All.Length];
        int number;
        lock (one._sockets)
        {
            number = one._sockets.Count;
            one._sockets.Add(socket);
        }
        one.Control(Add, socket.Descriptor, (ulong)number);
        return one;
    }

    /// <summary>The socket is told nothing more.</summary>
    internal void Forget(AgentSocket socket) => Control(Delete, socket.Descriptor, 0);

    private void Control(int operation, int descriptor, ulong data)
    {
        Span<byte> one = stackalloc byte[EventSize];
        MemoryMarshal.Write(one, Readable);
        MemoryMarshal.Write(one[DataOffset..], data);
        fixed (byte* pointer = one)
        {
            if (epoll_ctl(_descriptor, operation, descriptor, pointer) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private void Run()
    {
        byte[] events = new byte[EventsAtOnce * EventSize];
        while (true)
        {
            int count;
            fixed (byte* pointer = events)
                count = epoll_wait(_descriptor, pointer, EventsAtOnce, -1);
            for (int i = 0; i < count; i++)
            {
                int number = (int)BinaryPrimitives.ReadUInt64LittleEndian(events.AsSpan((i * EventSize) + DataOffset));
                AgentSocket socket;
                lock (_sockets)
                    socket = _sockets[number];
                socket.Ready();
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int most, int milliseconds);
}

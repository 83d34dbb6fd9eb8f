using System.Net;
using System.Net.Sockets;

namespace Dataplane.Xmpp.Tests.Kit;

/// <summary>
/// Ports for servers that are told theirs before they listen: of loopback addresses, below those that the system gives to connections, since one of
/// these may come between. Each is taken once in a process; processes begin at different ones.
/// </summary>
internal static class FreePort
{
    private const int First = 12_000;
    private const int Count = 20_000;
    private static int s_last = Environment.ProcessId * 61 % Count;

    public static int Take()
    {
        while (true)
        {
            var port = First + Interlocked.Increment(ref s_last) % Count;
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dataplane.EndToEnd.Lab;

/// <summary>A named network namespace with its loopback up. Disposing ends what runs in it and removes it.</summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Creates the namespace <paramref name="name"/>; the name must be unique on the machine.</summary>
    public NetworkNamespace(string name)
    {
        Name = name;
        Command.Require("ip", "netns", "add", name);
        Require("ip", "link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>Runs a command in the namespace to its end.</summary>
    public CommandResult Run(params IReadOnlyList<string> commandLine) => Command.Run(Inside(commandLine));

    /// <summary>Runs a command in the namespace that must succeed; returns what it printed.</summary>
    public string Require(params IReadOnlyList<string> commandLine) => Command.Require(Inside(commandLine));

    /// <summary>Starts a command in the namespace and leaves it running; its output goes to <paramref name="log"/>.</summary>
    public Process Start(string log, params IReadOnlyList<string> commandLine) =>
        Command.Start(["/bin/sh", "-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, .. Inside(commandLine)], redirect: false);

    public void Sysctl(params string[] settings) => Require(["sysctl", "-qw", .. settings]);

    /// <summary>
    /// Calls <paramref name="action"/> on a thread that has joined the namespace: sockets made there stay there.
    /// </summary>
    public T Join<T>(Func<T> action)
    {
        T result = default!;
        ExceptionDispatchInfo? problem = null;
        Thread thread = new(() =>
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace((int)handle.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw new InvalidOperationException($"setns to {Name}: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                result = action();
            }
            catch (Exception e)
            {
                problem = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        problem?.Throw();
        return result;
    }

    /// <summary>An HTTP client whose connections start in this namespace.</summary>
    public HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        ConnectCallback = (context, _) =>
        {
            Socket socket = Join(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            socket.Connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port);
            return ValueTask.FromResult<Stream>(new NetworkStream(socket, ownsSocket: true));
        },
    })
    { Timeout = Command.Patience };

    public void Dispose()
    {
        foreach (string signal in new[] { "-TERM", "-KILL" })
        {
            string[] processes = Processes();
            if (processes.Length == 0)
            {
                break;
            }

            _ = Command.Run(["kill", signal, .. processes]);
            for (int i = 0; i < 250 && Processes().Length != 0; i++)
            {
                Thread.Sleep(20);
            }
        }

        _ = Command.Run(["ip", "netns", "delete", Name]);
    }

    private string[] Processes() =>
        Command.Run(["ip", "netns", "pids", Name]).Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private string[] Inside(IReadOnlyList<string> commandLine) => ["ip", "netns", "exec", Name, .. commandLine];

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}

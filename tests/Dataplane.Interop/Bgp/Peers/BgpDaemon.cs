using System.Diagnostics;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>A BGP speaker that runs as a process in the network, at the addresses of its number.</summary>
public abstract class BgpDaemon : IDisposable
{
    private Process? _process;
    private int _starts;

    protected BgpDaemon(BgpNetwork network, int number, string kind)
    {
        (Network, Number) = (network, number);
        Name = $"{kind}-{number}";
        Directory = network.Directory(Name);
    }

    public BgpNetwork Network { get; }

    public int Number { get; }

    public string Name { get; }

    public string Directory { get; }

    public string Address => BgpNetwork.Address(Number);

    public string Address6 => BgpNetwork.Address6(Number);

    /// <summary>What the process wrote to its standard streams, of this start only.</summary>
    public string Output => File.Exists(OutputPath) ? File.ReadAllText(OutputPath) : "";

    public bool IsRunning => _process is { HasExited: false };

    public int ProcessId => (_process ?? throw new InvalidOperationException($"{Name} was not started")).Id;

    protected NetworkNamespace Space => Network.Space;

    private string OutputPath => Path.Combine(Directory, $"output-{_starts}");

    /// <summary>Ends the process without a word to its neighbours.</summary>
    public void Kill() => Stop("-KILL");

    /// <summary>Has the process end as its operator would.</summary>
    public void Terminate() => Stop("-TERM");

    /// <summary>Waits for a condition; says what the process wrote when it does not come true.</summary>
    public void Until(string what, Func<bool> condition, TimeSpan? patience = null)
    {
        try
        {
            Wait.Until($"{Name} to {what}", () => _process is { HasExited: true } || condition(), patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it said:\n{Account()}");
        }

        if (_process is { HasExited: true })
        {
            throw new InvalidOperationException($"{Name} ended with exit code {_process.ExitCode}; it said:\n{Account()}");
        }
    }

    public void Dispose()
    {
        if (IsRunning)
        {
            Kill();
        }

        _process?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What to show of the process when something went wrong.</summary>
    protected virtual string Account() => Tail(Output);

    protected static string Tail(string text) => text.Length > 6000 ? text[^6000..] : text;

    protected string WriteFile(string name, string content)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllText(path, content.ReplaceLineEndings("\n"));
        return path;
    }

    protected void Launch(params IReadOnlyList<string> commandLine)
    {
        _process?.Dispose();
        _starts++;
        _process = Space.Start(OutputPath, commandLine);
    }

    private void Stop(string signal)
    {
        if (_process is { HasExited: false } process)
        {
            _ = Command.Run(["kill", signal, $"{process.Id}"]);
            if (!process.WaitForExit(Command.Patience))
            {
                process.Kill();
                throw new TimeoutException($"{Name} outlived {signal}");
            }
        }
    }
}

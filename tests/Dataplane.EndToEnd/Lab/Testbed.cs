namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// Namespaces, links and a scratch directory of one test fixture, all removed at its end. Names carry this process's id, so
/// that two test runs do not meet and what a killed run left can be told apart and swept away.
/// </summary>
public sealed class Testbed : IDisposable
{
    private const string Prefix = "dpt-";
    private static int _count;
    private readonly List<IDisposable> _belongings = [];
    private readonly string _prefix;

    public Testbed()
    {
        if (Environment.UserName != "root")
        {
            throw new InvalidOperationException("these tests make network namespaces: run them as root (scripts/test does)");
        }

        SweepLeftovers();
        _prefix = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-";
        ScratchDirectory = Directory.CreateTempSubdirectory(_prefix).FullName;
    }

    /// <summary>The root of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    public string ScratchDirectory { get; }

    /// <summary>Adds a namespace. A silent one has no IPv6, so that its kernel says nothing of its own accord.</summary>
    public NetworkNamespace AddNamespace(string name, bool silent = false)
    {
        NetworkNamespace space = Keep(new NetworkNamespace(_prefix + name));
        if (silent)
        {
            space.Sysctl("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        }
        else
        {
            space.Sysctl("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.accept_ra=0");
        }

        return space;
    }

    /// <summary>Has the testbed dispose of something before everything that was added earlier.</summary>
    public T Keep<T>(T belonging)
        where T : IDisposable
    {
        _belongings.Add(belonging);
        return belonging;
    }

    /// <summary>
    /// Joins two namespaces with a veth pair, both ends up. Checksums are finished and frames kept apart by the sender,
    /// because a packet socket would see them before the kernel had done so.
    /// </summary>
    public static void Link(NetworkNamespace left, string leftName, NetworkNamespace right, string rightName, int mtu = 1500)
    {
        Command.Require("ip", "link", "add", leftName, "netns", left.Name, "mtu", $"{mtu}", "type", "veth",
            "peer", "name", rightName, "netns", right.Name, "mtu", $"{mtu}");
        foreach ((NetworkNamespace space, string name) in new[] { (left, leftName), (right, rightName) })
        {
            space.Require("ethtool", "-K", name, "tx", "off", "gro", "off");
            space.Require("ip", "link", "set", name, "up");
        }
    }

    public string WriteFile(string name, string content)
    {
        string path = Path.Combine(ScratchDirectory, name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose()
    {
        List<Exception> problems = [];
        for (int i = _belongings.Count - 1; i >= 0; i--)
        {
            try
            {
                _belongings[i].Dispose();
            }
            catch (Exception e)
            {
                problems.Add(e); // the others must still go
            }
        }

        Directory.Delete(ScratchDirectory, recursive: true);
        if (problems.Count != 0)
        {
            throw new AggregateException(problems);
        }
    }

    private static void SweepLeftovers()
    {
        foreach (string line in Command.Require("ip", "netns", "list").Split('\n'))
        {
            string name = line.Split(' ')[0];
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !Directory.Exists($"/proc/{name.Split('-')[1]}"))
            {
                foreach (string process in Command.Run(["ip", "netns", "pids", name]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    _ = Command.Run(["kill", "-KILL", process]);
                }

                _ = Command.Run(["ip", "netns", "delete", name]);
            }
        }

        foreach (string directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(directory).Split('-')[1]}"))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static string FindRepository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Dataplane.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("Dataplane.sln is nowhere above the tests");
    }
}

using System.Diagnostics;
using System.Net;

namespace Dataplane.EndToEnd.Lab;

/// <summary>A running <c>dataplane run</c> in a namespace.</summary>
public sealed class ForwarderProcess : IDisposable
{
    /// <summary>Where every forwarder of these tests serves its metrics, inside its own namespace.</summary>
    public const string MetricsAddress = "127.0.0.1:9464";

    private readonly HttpClient _http;

    /// <summary>Writes the configuration, starts the forwarder and waits until it says that it is ready.</summary>
    public ForwarderProcess(Testbed bed, NetworkNamespace space, string name, string configuration)
    {
        Space = space;
        LogPath = Path.Combine(bed.ScratchDirectory, name + ".log");
        ConfigurationPath = bed.WriteFile(name + ".yaml", configuration);
        Process = space.Start(LogPath, ["dotnet", Program, "run", "--config", ConfigurationPath]);
        _http = space.CreateHttpClient();
        try
        {
            Wait.Until($"{name} to be ready", () => HasExited || StatusOf("/readyz") == HttpStatusCode.OK, TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it said:\n{Log}");
        }

        if (HasExited)
        {
            throw new InvalidOperationException($"{name} ended with exit code {Process.ExitCode}; it said:\n{Log}");
        }
    }

    /// <summary>The program under test, as the build of this configuration left it.</summary>
    public static string Program { get; } = Path.Combine(
        Testbed.Repository, "src", "Dataplane.Host", "bin", BuildConfiguration, "net10.0", "dataplane.dll");

    public NetworkNamespace Space { get; }

    public Process Process { get; }

    public string LogPath { get; }

    public string ConfigurationPath { get; }

    public bool HasExited => Process.HasExited;

    public string Log => File.Exists(LogPath) ? File.ReadAllText(LogPath) : "";

    private static string BuildConfiguration
    {
        get
        {
#if DEBUG
            return "Debug";
#else
            return "Release";
#endif
        }
    }

    public string Get(string path) => _http.GetStringAsync($"http://{MetricsAddress}{path}").GetAwaiter().GetResult();

    public Exposition Metrics() => Exposition.Parse(Get("/metrics"));

    /// <summary>Packets dropped so far for a reason, received and injected together.</summary>
    public double Drops(string reason) => Metrics().Sum("dataplane_dropped_packets_total", ("reason", reason));

    /// <summary>The status of a page, or null while nobody listens.</summary>
    public HttpStatusCode? StatusOf(string path)
    {
        try
        {
            using HttpResponseMessage response = _http.GetAsync($"http://{MetricsAddress}{path}").GetAwaiter().GetResult();
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Asks the forwarder to end and waits for it. Returns its exit code.</summary>
    public int Terminate()
    {
        Command.Require("kill", "-TERM", $"{Process.Id}");
        return Process.WaitForExit(Command.Patience) ? Process.ExitCode : throw new TimeoutException($"SIGTERM had no effect:\n{Log}");
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }
}

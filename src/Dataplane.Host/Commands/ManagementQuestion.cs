using System.CommandLine;
using System.Text.Json;
using Dataplane.Host.Gateway;
using Dataplane.Host.Management.Show;

namespace Dataplane.Host.Commands;

/// <summary>Asks a running program over its management socket and prints what it says.</summary>
internal static class ManagementQuestion
{
    /// <summary>Asks, and prints the answer as it came or rendered; what goes wrong goes to the error output.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        ParseResult parsed, Option<string> socket, Option<bool> json, Func<ManagementClient, CancellationToken, Task<JsonElement>> ask,
        Func<JsonElement, string> render, CancellationToken cancellation)
    {
        try
        {
            using var client = new ManagementClient(parsed.GetRequiredValue(socket));
            JsonElement answer = await ask(client, cancellation);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(answer.GetRawText());
            else
                output.Write(render(answer));
            return ExitCode.Success;
        }
        catch (Exception problem) when (problem is GatewayException or IOException or HttpRequestException or JsonException)
        {
            Failure.Report(parsed.InvocationConfiguration.Error, problem);
            return ExitCode.Failure;
        }
    }
}

namespace Dataplane.EndToEnd.Lab;

/// <summary>Prometheus' own judge of scrapes.</summary>
public static class Promtool
{
    /// <summary>What it objects to in a scrape; nothing when that is well formed and follows its advice.</summary>
    /// <param name="directory">Where a file may be written.</param>
    /// <param name="scrape">The text.</param>
    public static string Objections(string directory, string scrape)
    {
        string file = Path.Combine(directory, "metrics.txt");
        File.WriteAllText(file, scrape);
        CommandResult result = Command.Run(["/bin/sh", "-c", "exec \"$0\" check metrics <\"$1\"", Program(), file]);
        string said = result.All.Trim();
        return result.ExitCode != 0 && said.Length == 0 ? $"exit code {result.ExitCode}" : said;
    }

    private static string Program()
    {
        string unpacked = Path.Combine(Testbed.Repository, "artifacts", "tools", "prometheus", "usr", "bin", "promtool");
        return File.Exists(unpacked) ? unpacked : "promtool";
    }
}

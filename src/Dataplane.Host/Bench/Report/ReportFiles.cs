using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dataplane.Host.Bench.Report;

/// <summary>The report's directory. Files have their names only once they are complete.</summary>
internal sealed class ReportFiles
{
    /// <summary>The page.</summary>
    public const string Page = "index.html";

    /// <summary>All numbers.</summary>
    public const string Numbers = "result.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly string _directory;

    private ReportFiles(string directory) => _directory = directory;

    /// <summary>Makes the directory and tries whether it can be written.</summary>
    /// <exception cref="BenchException">It cannot.</exception>
    public static ReportFiles Open(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            string probe = Path.Combine(directory, $".{Numbers}.part");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new ReportFiles(directory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BenchException($"--report {directory}", $"the report cannot be written there: {problem.Message}");
        }
    }

    /// <summary>As <c>result.json</c> holds it.</summary>
    public static string ToJson(BenchResult result) => JsonSerializer.Serialize(result, Json) + "\n";

    /// <summary>Writes both files; those of an earlier bench are replaced.</summary>
    public void Write(BenchResult result)
    {
        string numbers = Write(Numbers, ToJson(result));
        string page = Write(Page, ReportPage.Write(result));
        File.Move(numbers, Path.Combine(_directory, Numbers), overwrite: true);
        File.Move(page, Path.Combine(_directory, Page), overwrite: true);
    }

    private string Write(string name, string text)
    {
        string partial = Path.Combine(_directory, $".{name}.part");
        File.WriteAllText(partial, text);
        return partial;
    }
}

using System.Text;
using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Host.Configuration;

/// <summary>Reads what is provisioned for end-systems outside of the configuration file (SIG-11): files, and entries that management sends.</summary>
internal static class ProvisioningFile
{
    /// <summary>Reads a file of <c>end-systems</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="diagnostics">What is wrong with it, line by line.</param>
    /// <returns>Null when anything is.</returns>
    public static IReadOnlyList<EndSystemGrant>? Load(string path, out IReadOnlyList<ConfigurationDiagnostic> diagnostics)
    {
        try
        {
            return Parse(File.ReadAllText(path, Encoding.UTF8), path, out diagnostics);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = problem is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : $"cannot be read: {problem.Message}";
            diagnostics = [new(DiagnosticSeverity.Error, path, 0, 0, reason)];
            return null;
        }
    }

    /// <summary>Reads the text of such a file; JSON is YAML too.</summary>
    public static IReadOnlyList<EndSystemGrant>? Parse(string text, string name, out IReadOnlyList<ConfigurationDiagnostic> diagnostics)
    {
        var context = new ReadContext(new DiagnosticSink(name), new SourceMap());
        ProvisionedEndSystems? read = null;
        if (YamlDocument.Read(text, context.Diagnostics) is { } root)
        {
            _ = EndSystemKeys.FileMapping.Read(root, "the file", context, out read);
        }

        diagnostics = context.Diagnostics.ToList();
        return context.Diagnostics.HasErrors ? null : read?.EndSystems ?? [];
    }
}

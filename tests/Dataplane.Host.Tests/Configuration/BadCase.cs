using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>A file with a finding: where and what.</summary>
/// <param name="Name">What is wrong, for the test's name.</param>
/// <param name="Yaml">The file; '§' stands where the finding has to point, and is taken out before the file is read.</param>
/// <param name="Message">Part of the message.</param>
internal sealed record BadCase(string Name, string Yaml, string Message)
{
    public DiagnosticSeverity Severity { get; init; } = DiagnosticSeverity.Error;

    public ConfigurationPurpose Purpose { get; init; } = ConfigurationPurpose.Run;

    /// <summary>Whether an editor with the JSON schema sees it too.</summary>
    public bool SchemaSeesIt { get; init; }

    public FakeKernelView Kernel { get; init; } = FakeKernelView.Default;

    public override string ToString() => Name;
}

namespace Dataplane.Golden;

/// <summary>A folder of this test alone, removed when it is disposed of.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory($"dataplane-golden-{Environment.ProcessId}-").FullName;

    public string this[string name] => Path.Combine(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}

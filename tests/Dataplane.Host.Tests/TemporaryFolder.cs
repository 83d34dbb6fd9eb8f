namespace Dataplane.Host.Tests;

/// <summary>A folder of one test's own, removed with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dataplane-host-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, byte[] octets)
    {
        File.WriteAllBytes(this[name], octets);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

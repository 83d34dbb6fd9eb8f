using System.Text;
using Dataplane.Xmpp.Journals;

namespace Dataplane.Xmpp.Tests.Journals;

/// <summary>A file that is appended to, and written anew when that is due.</summary>
public sealed class JournalFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplane-journal").FullName;
    private readonly JournalFile _file;

    public JournalFileTests() => _file = new(Path.Combine(_folder, "journal"), isForced: true);

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void LinesAreAppendedUntilMostAreOutOfDate()
    {
        Assert.True(_file.IsDue);
        _ = Assert.Throws<InvalidOperationException>(() => _file.Append("x\n"u8, 1));
        Replace("a\nb\n", 2);
        for (int i = 0; i < 2000 && !_file.IsDue; i++)
            _file.Append("c\n"u8, 1);
        string text = File.ReadAllText(_file.Path);
        Assert.StartsWith("a\nb\nc\n", text, StringComparison.Ordinal);
        Assert.Equal(1029, text.Count(static character => character == '\n'));
        Replace("d\n", 1);
        Assert.False(_file.IsDue);
        Assert.Equal("d\n", File.ReadAllText(_file.Path));
        Assert.Equal([_file.Path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void AFailureLeavesTheFileAsItWasAndMakesAllOfItDue()
    {
        Replace("a\n", 1);
        _ = Directory.CreateDirectory(_file.Path + ".new"); // in the way of the next one
        _ = Assert.ThrowsAny<Exception>(() => Replace("b\n", 1));
        Assert.True(_file.IsDefective && _file.IsDue);
        Assert.Equal("a\n", File.ReadAllText(_file.Path));
        Directory.Delete(_file.Path + ".new");
        Replace("c\n", 1);
        Assert.False(_file.IsDefective || _file.IsDue);
        _file.Append("d\n"u8, 1);
        Assert.Equal("c\nd\n", File.ReadAllText(_file.Path));
    }

    private void Replace(string lines, int count) => _file.Replace(Encoding.UTF8.GetBytes(lines), count);
}

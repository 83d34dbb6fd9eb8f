using System.Buffers;
using System.Text;
using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What an agent keeps: written change by change, read after a restart wherever the last write was cut off, and as earlier programs wrote it.</summary>
public sealed class AttachmentStateTests : IInterfaceBinding, IAttachmentStore
{
    private readonly ArrayBufferWriter<byte> _file = new();
    private readonly List<(int Length, string State)> _kept = [];
    private readonly EndSystemAgent _agent;
    private bool _isFull;

    public AttachmentStateTests() => _agent = new(NewTable(), this, this);

    bool IAttachmentStore.WantsAll => _file.WrittenCount == 0;

    /// <summary>Interfaces and versions are those of the last change that was kept as a whole, at whichever octet the file ends.</summary>
    [Fact]
    [Trait("Requirement", "AGT-07")]
    public void WhereverTheFileEndsTheLastWholeChangeIsInForce()
    {
        Attach("vm0", "10.0.0.1/32", 1);
        Attach("vm1", "10.0.0.2/32", 5);
        Attach("vm0", "10.0.0.3/32", 7);
        _ = _agent.Detach("vm1", isMoved: false);
        Attach("vm2", "10.0.0.2/32", 6);
        Attach("vm1", "2001:db8::5/128", 2);
        Assert.Equal(6, _kept.Count);
        Assert.Equal("vm0 10.0.0.3/32 v7|vm1 2001:db8::5/128 v2|vm2 10.0.0.2/32 v6; 10.0.0.1/32=1 10.0.0.2/32=6 10.0.0.3/32=7 2001:db8::5/128=2", _kept[^1].State);
        for (int length = _kept[0].Length; length <= _file.WrittenCount; length++)
            Assert.Equal(_kept.Last(one => one.Length <= length).State, Restored(_file.WrittenSpan[..length]));
    }

    /// <summary>After each change only that change is written, however much there is.</summary>
    [Fact]
    public void AChangeTakesALineHoweverManyInterfacesThereAre()
    {
        for (int i = 0; i < 500; i++)
            Attach($"vm{i}", $"10.0.{i >> 8}.{i & 255}/32", 1);
        int before = _file.WrittenCount;
        Attach("vm7", "10.1.0.1/32", 2);
        _ = _agent.Detach("vm8", isMoved: false);
        string[] lines = Encoding.UTF8.GetString(_file.WrittenSpan[before..]).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"interface\":{\"id\":\"vm7\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(["{\"gone\":\"vm8\"}", ""], lines[1..]);
        Assert.Equal(State(_agent.Table), Restored(_file.WrittenSpan));
    }

    /// <summary>What could not be kept is not there after a restart, and neither keeps out what it would have changed.</summary>
    [Fact]
    [Trait("Requirement", "AGT-07")]
    public void AfterAFailureEverythingIsWritten()
    {
        Attach("vm0", "10.0.0.1/32", 5);
        _isFull = true;
        Attach("vm0", "10.0.0.1/32", 9);
        _isFull = false;
        Attach("vm1", "10.0.0.2/32", 1);
        Assert.Equal("vm0 10.0.0.1/32 v5|vm1 10.0.0.2/32 v1; 10.0.0.1/32=9 10.0.0.2/32=1", Restored(_file.WrittenSpan));
    }

    [Fact]
    public void AStateOfTheFormatBeforeIsRead()
    {
        const string before = """
            {
              "format": 1,
              "interfaces": [
                {
                  "id": "vm1", "vpn": "red", "port": "acc0", "vlan": 5, "mac": "02:00:00:00:00:01", "version": 7,
                  "addresses": [{ "prefix": "10.0.0.1/32", "leaf": "02aa10c0ffee:10.0.0.1/32" }]
                }
              ],
              "versions": [{ "vpn": "red", "prefix": "10.0.0.9/32", "highest": 3 }, { "vpn": "red", "prefix": "10.0.0.1/32", "highest": 7 }]
            }
            """;
        Assert.Equal("vm1 10.0.0.1/32 v7; 10.0.0.1/32=7 10.0.0.9/32=3", Restored(Encoding.UTF8.GetBytes(before)));
        Assert.Equal("vm1 10.0.0.1/32 v7; 10.0.0.1/32=7 10.0.0.9/32=3", Restored(Encoding.UTF8.GetBytes(before.ReplaceLineEndings(" ") + "\n")));
    }

    [Theory]
    [InlineData("", "The input does not contain any JSON tokens")]
    [InlineData("[]", "could not be converted")]
    [InlineData("{\"format\":3}\n", "its format is 3; 1 and 2 are known")]
    [InlineData("{\"format\":2}", "it ends within its first line")]
    [InlineData("{\"format\":1,\"interfaces\":[{\"id\":\"a\"}]}", "missing required properties")]
    [InlineData("{\"format\":1,\"versions\":[{\"vpn\":\"a\",\"prefix\":\"x\",\"highest\":1}]}", "x")]
    [InlineData("{\"format\":2}\n{\"gone\":\"a\"}\n{\"gone\":\n{\"gone\":\"b\"}\n", "line 3: ")]
    [InlineData("{\"format\":2}\n{\"interface\":{\"id\":\"a\"}}\n", "line 2: ")]
    [InlineData("{\"format\":2}\n{\"other\":5}\n", "line 2: ")]
    [InlineData("{\"format\":2}\n{\"address\":{\"vpn\":\"a\",\"prefix\":\"x\",\"highest\":1}}\n", "line 2: ")]
    public void AStateThatIsNoneIsToldWithItsPlace(string text, string problem) => Assert.Contains(
        problem,
        Assert.Throws<FormatException>(() => AttachmentState.Read(Encoding.UTF8.GetBytes(text), NewTable(), static (_, _) => { })).Message,
        StringComparison.Ordinal);

    void IAttachmentStore.Keep(AttachmentLines lines, Action<Exception?> done)
    {
        if (_isFull)
        {
            done(new IOException("no room"));
            return;
        }

        if (lines.IsAll)
            _file.ResetWrittenCount();
        Assert.Equal(lines.Count, Encoding.UTF8.GetString(lines.Octets.Span).Count(static character => character == '\n'));
        _file.Write(lines.Octets.Span);
        _kept.Add((_file.WrittenCount, State(_agent.Table)));
        done(null);
    }

    void IInterfaceBinding.Set(BoundInterface wanted, Action<string?> done) => done(null);

    void IInterfaceBinding.Remove(string key, bool isMoved)
    {
    }

    string? IInterfaceBinding.StateOf(string key, BoundAddress address) => null;

    private static AttachmentTable NewTable() => new(new() { SystemId = "02aa10c0ffee", Ports = new Dictionary<string, bool> { ["acc0"] = true } });

    private static string Restored(ReadOnlySpan<byte> file)
    {
        AttachmentTable table = NewTable();
        AttachmentState.Read(file, table, static (id, problem) => Assert.Fail($"{id}: {problem}"));
        return State(table);
    }

    private static string State(AttachmentTable table) =>
        string.Join('|', table.All.OrderBy(static one => one.Id, StringComparer.Ordinal).Select(static one => $"{one.Id} {one.Addresses[0].Prefix} v{one.Version}"))
        + "; " + string.Join(' ', table.Versions.Entries.Select(static entry => $"{entry.Prefix}={entry.Version}").Order(StringComparer.Ordinal));

    private void Attach(string id, string prefix, uint version) => _agent.Attach(
        new() { Id = id, Vpn = "red", Port = "acc0", Vlan = 1 + int.Parse(id[2..]), Addresses = [IpPrefix.Parse(prefix)], Version = version }, static (_, _) => { });
}

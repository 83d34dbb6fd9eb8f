using System.Text;
using Dataplane.Net;
using Dataplane.Xmpp.EndSystem.Attachments;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What is asked of an agent is kept before it is made known, and much at once by few writes.</summary>
public sealed class EndSystemAgentTests : IInterfaceBinding, IAttachmentStore
{
    private readonly List<string> _bound = [];
    private readonly List<(string State, Action<Exception?> Done)> _writes = [];
    private readonly List<string> _answers = [];
    private readonly AttachmentTable _table;
    private readonly EndSystemAgent _agent;
    private int _done;

    public EndSystemAgentTests()
    {
        _table = new(new()
        {
            SystemId = "02aa10c0ffee",
            Ports = new Dictionary<string, bool> { ["acc0"] = true },
            Check = planned => planned.Id == DefectiveKey && DefectiveStep == "judge" ? throw new InvalidOperationException("judge") : null,
        });
        _agent = new(_table, this, this);
    }

    /// <summary>An interface that the binding does not take.</summary>
    private string? RefusedKey { get; set; }

    /// <summary>An interface of which a step throws.</summary>
    private string? DefectiveKey { get; set; }

    private string? DefectiveStep { get; set; }

    // What is written is all there is, so that it can be looked at by itself.
    bool IAttachmentStore.WantsAll => true;

    [Fact]
    [Trait("Requirement", "MOB-09")]
    [Trait("Requirement", "AGT-07")]
    public void AHundredRequestsTakeTwoWritesAndNoneIsMadeKnownBeforeItIsKept()
    {
        for (int i = 0; i < 100; i++)
            Attach($"vm{i}", version: 7);
        Assert.Empty(_bound);
        _ = Assert.Single(_writes);
        _writes[0].Done(null);
        Assert.Equal(["set vm0 7"], _bound);
        Assert.Equal(2, _writes.Count);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Contains($"\"vm{i}\"", _writes[1].State, StringComparison.Ordinal));
        _writes[1].Done(null);
        Assert.Equal(2, _writes.Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"set vm{i} 7"), _bound);
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"vm{i} 7"), _answers);
        Assert.Equal((100, 0), (_agent.Attached, _agent.Refused));
    }

    [Fact]
    public void WhatCannotBeKeptIsRefusedAndAsItWasBefore()
    {
        Attach("vm0", version: 1);
        _writes[0].Done(null);
        Attach("vm9", version: 1);
        Attach("vm0", version: 2);
        Attach("vm1", version: 1);
        _writes[1].Done(null);
        _writes[2].Done(new IOException("no room"));
        Assert.Equal(["set vm0 1", "set vm9 1"], _bound);
        Assert.Equal("'id': nothing can be attached: the state cannot be kept: no room", _answers[^1]);
        Assert.Equal(_answers[^1], _answers[^2]);
        Assert.Equal((1u, null), (_table.Find("vm0")!.Version, _table.Find("vm1")));
        Assert.Equal(3, _writes.Count);

        // Room again.
        Attach("vm1", version: 1);
        _writes[3].Done(null);
        Assert.Equal("set vm1 1", _bound[^1]);
    }

    [Fact]
    public void RequestsForTheSameInterfaceAreTakenOneAfterTheOther()
    {
        Attach("vm9", version: 1);
        Attach("vm0", version: 1);
        Attach("vm0", version: 2);
        Attach("vm0", version: 1);
        while (_writes.Count > _done)
            _writes[_done++].Done(null);
        Assert.Equal(["set vm9 1", "set vm0 1", "set vm0 2"], _bound);
        Assert.StartsWith("'version': 1 is lower than 2", _answers[^1], StringComparison.Ordinal);
        Assert.Equal((3, 1, 3), (_agent.Attached, _agent.Refused, _writes.Count));
    }

    [Fact]
    public void WhatIsDetachedWhileItIsBeingKeptIsNotMadeKnown()
    {
        bool isKept = false;
        Attach("vm0", version: 1);
        Assert.NotNull(_agent.Detach("vm0", isMoved: false, () => isKept = true));
        Assert.Equal(["remove vm0"], _bound);
        _writes[0].Done(null);
        Assert.Equal(["remove vm0"], _bound);
        Assert.Equal(["'id': vm0 was detached meanwhile"], _answers);
        Assert.False(isKept);
        Assert.DoesNotContain("\"vm0\"", _writes[1].State, StringComparison.Ordinal);
        _writes[1].Done(null);
        Assert.True(isKept);
        Assert.Null(_agent.Detach("vm0", isMoved: false));
        Assert.Equal(2, _writes.Count);
    }

    [Fact]
    public void WhatTheBindingDoesNotTakeIsNotKeptAfterwards()
    {
        RefusedKey = "vm0";
        Attach("vm0", version: 1);
        _writes[0].Done(null);
        Assert.Equal(["'id': vm0 cannot be attached: no label is left"], _answers);
        Assert.DoesNotContain("\"vm0\"", _writes[1].State, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("judge", "'id': vm1 cannot be attached: a defect: judge")]
    [InlineData("keep", "'id': nothing can be attached: the state cannot be kept: keep")]
    [InlineData("bind", "'id': vm1 cannot be attached: a defect: bind")]
    [InlineData("bound", "vm1 1")]
    [InlineData("answer", "vm1 1")]
    [Trait("Requirement", "MOB-09")]
    public void ADefectOfOneInterfaceEndsNothing(string step, string answer)
    {
        (DefectiveKey, DefectiveStep) = ("vm1", step);
        List<Exception> defects = [];
        Try(() => Attach("vm9", version: 1));
        for (int i = 0; i < 3; i++)
            Try(() => Attach($"vm{i}", version: 1));
        Finish();
        Assert.Contains(answer, _answers);
        Assert.Contains(defects.SelectMany(static defect => ((AggregateException)defect).InnerExceptions), defect => defect.Message == step);
        Assert.Equal(4, _answers.Count);

        // What was kept with it is refused with it, and can be had now; everything else has become what it should be.
        DefectiveKey = null;
        Try(() => Attach("vm2", version: 1));
        Try(() => Attach("vm3", version: 1));
        Finish();
        Assert.Equal(["vm2 1", "vm3 1"], _answers[^2..]);
        Assert.Equal(step is "bound" or "answer", _table.Find("vm1") is not null);
        Assert.All(["vm9", "vm2", "vm3"], id => Assert.Contains($"\"{id}\"", _writes[^1].State, StringComparison.Ordinal));
        Assert.Equal(step is "bound" or "answer", _writes[^1].State.Contains("\"id\":\"vm1\"", StringComparison.Ordinal));

        void Finish()
        {
            while (_writes.Count > _done)
                Try(() => _writes[_done++].Done(null));
        }

        void Try(Action action)
        {
            if (Record.Exception(action) is { } defect)
                defects.Add(defect);
        }
    }

    [Fact]
    public void ADefectInDetachingIsToldAndWhatWasDetachedIsNotKept()
    {
        Attach("vm0", version: 1);
        _writes[_done++].Done(null);
        (DefectiveKey, DefectiveStep) = ("vm0", "remove");
        bool isKept = false;
        Assert.Equal("remove", Assert.Throws<InvalidOperationException>(() => _agent.Detach("vm0", isMoved: false, () => isKept = true)).Message);
        Assert.DoesNotContain("\"vm0\"", _writes[1].State, StringComparison.Ordinal);
        _writes[1].Done(null);
        Assert.True(isKept);
    }

    void IAttachmentStore.Keep(AttachmentLines lines, Action<Exception?> done)
    {
        ThrowIf("keep", DefectiveKey is { } key && _table.Find(key) is not null);
        _writes.Add((Encoding.UTF8.GetString(lines.Octets.Span), done));
    }

    void IInterfaceBinding.Set(BoundInterface wanted, Action<string?> done)
    {
        ThrowIf("bind", wanted.Key == DefectiveKey);
        _bound.Add($"set {wanted.Key} {wanted.Addresses[0].Version}");
        done(wanted.Key == RefusedKey ? "no label is left" : null);
        ThrowIf("bound", wanted.Key == DefectiveKey);
    }

    void IInterfaceBinding.Remove(string key, bool isMoved)
    {
        ThrowIf("remove", key == DefectiveKey);
        _bound.Add($"remove {key}");
    }

    string? IInterfaceBinding.StateOf(string key, BoundAddress address) => null;

    private void ThrowIf(string step, bool isIt)
    {
        if (isIt && DefectiveStep == step)
            throw new InvalidOperationException(step);
    }

    private void Attach(string id, uint version) => _agent.Attach(
        new() { Id = id, Vpn = "red", Port = "acc0", Vlan = 1 + int.Parse(id[2..]), Addresses = [IpPrefix.Parse($"10.0.0.{1 + int.Parse(id[2..])}/32")], Version = version },
        (attached, problem) =>
        {
            _answers.Add(problem?.ToString() ?? $"{attached!.Id} {attached.Version}");
            ThrowIf("answer", id == DefectiveKey);
        });
}

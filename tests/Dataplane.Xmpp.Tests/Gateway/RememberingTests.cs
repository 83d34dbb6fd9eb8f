using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>A gateway that was killed and is back: what did not change does not change for anybody, however late a client is.</summary>
public sealed class RememberingTests : IDisposable
{
    private const string A = "02aa10c0aaaa";
    private const string B = "02aa10c0bbbb";
    private const string AddressA = "203.0.113.17";
    private const string AddressB = "203.0.113.44";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly List<GatewayRig> _rigs = [];

    public void Dispose()
    {
        _rigs.ForEach(static rig => rig.Dispose());
        File.Delete(_path);
    }

    /// <summary>Routes, labels, distinguishers and versions are there before any client is, and stay until its stale timer ends.</summary>
    [Fact, Trait("Requirement", "SIG-14"), Trait("Requirement", "AGT-09"), Trait("Requirement", "SIG-04")]
    public void WhatWasPublishedIsInForceBeforeItsClientIsBack()
    {
        GatewayRig first = Start(out _);
        EndSystemModel a = first.Host(A, AddressA);
        EndSystemModel b = first.Host(B, AddressB);
        Assert.Null(a.Do(new SubscribeRequest("blue", null) { InstanceId = 7 }));
        Assert.Null(a.Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        Assert.Null(a.Publish("blue", "198.51.100.26/32", AddressA, 52014));
        Assert.Null(a.Publish("red", "2001:db8::25/128", AddressA, 52015));
        Assert.Null(b.Publish("blue", "198.51.100.44/32", AddressB, 61200, 1));
        Assert.Null(b.Publish("blue", "198.51.100.45/32", AddressB, 61201, 1));
        Assert.Null(b.Do(new DissociateRequest("blue", $"{B}:blue:198.51.100.45/32")));
        Assert.Null(b.Do(new DeleteRequest($"{B}:blue:198.51.100.45/32")));
        Assert.Null(b.Publish("blue", "198.51.100.44/32", AddressB, 61202, 2));
        string[] before = [.. first.Exported().Order()];
        Assert.Equal(4, before.Length);
        Assert.Contains("203.0.113.17:7 198.51.100.25/32 via 203.0.113.17:52013 v7", before);

        GatewayRig second = Start(out (int Restored, int Awaited)? known, isKilled: true);
        Assert.Equal((4, 0), known);
        Assert.Equal(before, second.Exported().Order());

        // Who is back first knows all at once, and hears nothing of who is back much later than a gateway that knew nothing would have waited.
        EndSystemModel subscriber = second.Host("02aa10c0cccc", "203.0.113.99");
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null) { WantsSettled = true }));
        Assert.Equal(new SettledEvent("blue"), subscriber.Read().Events[^1]);
        Assert.Equal(3, subscriber.RoutesOf("blue").Count());
        subscriber.Events.Clear();
        second.Pass(TimeSpan.FromSeconds(55));
        EndSystemModel back = second.Host(B, AddressB);
        Assert.Null(back.Do(new SubscribeRequest("blue", null)));
        Assert.Null(back.Publish("blue", "198.51.100.44/32", AddressB, 61202, 2));
        Assert.Equal(before, second.Exported().Order());
        Assert.Empty(subscriber.Read().Events);

        // Who does not come back is gone when its timer ends.
        second.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(["198.51.100.44/32 via 203.0.113.44:61202 v2"], subscriber.RoutesOf("blue"));
        Assert.EndsWith("198.51.100.44/32 via 203.0.113.44:61202 v2", Assert.Single(second.Exported()), StringComparison.Ordinal);
        Assert.Equal(3, second.Gateway.Counters.StaleSwept);
        _ = Start(out known, isKilled: true);
        Assert.Equal((1, 0), known);
    }

    /// <summary>Who was a member of a VRF is one from the start, so that BGP peers are asked for its routes as before; until its stale timer ends.</summary>
    [Fact, Trait("Requirement", "SIG-05"), Trait("Requirement", "SIG-06"), Trait("Requirement", "SIG-14")]
    public void WhoWasSubscribedIsAMemberBeforeItIsBack()
    {
        GatewayRig first = Start(out _);
        EndSystemModel a = first.Host(A, AddressA);
        Assert.Null(a.Do(new SubscribeRequest("blue", null)));
        Assert.Null(a.Do(new SubscribeRequest("blue", null) { InstanceId = 9 }));
        Assert.Null(a.Do(new SubscribeRequest("red/ip4-flow-spec", null)));
        Assert.Null(first.Host(B, AddressB).Do(new SubscribeRequest("red", null)));
        Assert.Null(first.Host("02aa10c0cccc", "203.0.113.99").Do(new SubscribeRequest("shared", null)));
        first.Gateway.EndRemembering();
        string[] lines = File.ReadAllLines(_path);
        Assert.Equal(6, lines.Length); // with the heading and what was said twice

        // What was subscribed last was taken back since, and one line is not whole.
        File.WriteAllLines(_path, [.. lines, "{\"client\":\"02aa10c0cccc@dc1.example.net\",\"subscription\":\"shared\",\"gone\":true}", lines[1][..^3]]);
        GatewayRig rig = Start(out (int Restored, int Awaited)? known, isKilled: true);
        Assert.Equal((0, 0), known);
        Assert.Equal([GatewayRig.Target("65000:1"), GatewayRig.Target("65000:2")], rig.Vrfs.Membership.Targets.Order());
        Assert.Equal(3, rig.Gateway.SubscriptionCount);
        EndSystemModel back = rig.Host(A, AddressA);
        Assert.Null(back.Publish("blue", "198.51.100.25/32", AddressA, 52013));
        Assert.StartsWith("203.0.113.17:9 ", Assert.Single(rig.Exported()), StringComparison.Ordinal);
        Assert.Null(back.Do(new SubscribeRequest("blue", null) { InstanceId = 9 }));
        _ = Assert.Single(back.RoutesOf("blue"));
        rig.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal([GatewayRig.Target("65000:1")], rig.Vrfs.Membership.Targets);
        Assert.Equal(1, rig.Gateway.SubscriptionCount);
        Assert.Null(back.Do(new UnsubscribeRequest("blue", null, null)));
        rig.Gateway.EndRemembering();
        Assert.Empty(Start(out _, isKilled: true).Vrfs.Membership.Targets);
    }

    /// <summary>What nobody has from us any more is not in force again, but no snapshot is whole without it until its client could be back.</summary>
    [Fact, Trait("Requirement", "AGT-09")]
    public void WhatIsOldIsWaitedForOnly()
    {
        GatewayRig first = Start(out _);
        Assert.Null(first.Host(A, AddressA).Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        Assert.Null(first.Host(B, AddressB).Publish("blue", "198.51.100.44/32", AddressB, 61200));
        first.Gateway.EndRemembering();

        // Killed soon after the start: what was only waited for then is no younger now.
        _ = Start(out (int Restored, int Awaited)? known, age: TimeSpan.FromMinutes(10), isKilled: true);
        Assert.Equal((0, 2), known);
        GatewayRig rig = Start(out known, isKilled: true);
        Assert.Equal((0, 2), known);
        Assert.Empty(rig.Exported());
        EndSystemModel subscriber = rig.Host("02aa10c0cccc", "203.0.113.99");
        Assert.Null(subscriber.Do(new SubscribeRequest("shared", null) { WantsSettled = true }));
        Assert.Null(rig.Host(A, AddressA).Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(subscriber.Read().Events, static told => told is SettledEvent);
        Assert.Null(rig.Host(B, AddressB).Publish("blue", "198.51.100.44/32", AddressB, 61200));
        rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(new SettledEvent("shared"), subscriber.Read().Events[^1]);
        Assert.Equal(2, subscriber.RoutesOf("shared").Count());
    }

    /// <summary>A host that does not come back is not waited for longer than its stale timer.</summary>
    [Fact, Trait("Requirement", "AGT-09"), Trait("Requirement", "SIG-14")]
    public void WhatIsOldIsWaitedForAsLongAsAStaleTimer()
    {
        GatewayRig first = Start(out _);
        Assert.Null(first.Host(A, AddressA).Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        first.Gateway.EndRemembering();
        GatewayRig rig = Start(out _, age: TimeSpan.FromMinutes(10));
        EndSystemModel subscriber = rig.Host("02aa10c0cccc", "203.0.113.99");
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null) { WantsSettled = true }));
        rig.Pass(TimeSpan.FromSeconds(59));
        Assert.Empty(subscriber.Read().Events);
        rig.Pass(TimeSpan.FromSeconds(2));
        rig.Pass(TimeSpan.FromSeconds(1)); // the look after the timer
        Assert.Equal([new SettledEvent("blue")], subscriber.Read().Events);
    }

    /// <summary>A file that does not say what there was is as good as none: then there is a time for everybody to come back in.</summary>
    [Theory, Trait("Requirement", "AGT-09")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"client\":\"02aa10c0aaaa@dc1.example.net\"")]
    public void WhoKnowsNothingWaitsForEverybody(string? content)
    {
        if (content is not null)
        {
            File.WriteAllText(_path, content);
        }

        GatewayRig rig = Start(out (int Restored, int Awaited)? known);
        Assert.Null(known);
        EndSystemModel subscriber = rig.Host("02aa10c0cccc", "203.0.113.99");
        Assert.Null(subscriber.Do(new SubscribeRequest("blue", null) { WantsSettled = true }));
        rig.Pass(TimeSpan.FromSeconds(59));
        Assert.Empty(subscriber.Read().Events);
        rig.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal([new SettledEvent("blue")], subscriber.Read().Events);
    }

    /// <summary>Lines that were cut or are another program's are passed over, and provisioning has the last word.</summary>
    [Fact, Trait("Requirement", "SEC-06")]
    public void OnlyWhatIsWholeAndAllowedIsInForce()
    {
        GatewayRig first = Start(out _);
        EndSystemModel a = first.Host(A, AddressA);
        Assert.Null(a.Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        Assert.Null(a.Publish("red", "198.51.100.25/32", AddressA, 52013, 7));
        Assert.Null(a.Publish("blue", "192.0.2.25/32", AddressA, 52013, 7));
        var last = File.ReadAllLines(_path)[^1];
        File.AppendAllLines(_path, ["?", last.Replace("52013", "99999999", StringComparison.Ordinal), last[..^9]]);
        GatewayRig second = Start(out (int Restored, int Awaited)? known, provisioning: new(
        [
            new EndSystemGrant { Pattern = "*", Vpns = [new() { Vpn = "blue", Prefixes = [IpPrefix.Parse("198.51.100.0/24")] }] },
        ]), isKilled: true);
        Assert.Equal((1, 0), known);
        Assert.EndsWith("198.51.100.25/32 via 203.0.113.17:52013 v7", Assert.Single(second.Exported()), StringComparison.Ordinal);
    }

    /// <summary>The file grows with what there is, not with what there was, and says the last of it.</summary>
    [Fact, Trait("Requirement", "SIG-14")]
    public void TheFileStaysAsLongAsWhatThereIs()
    {
        GatewayRig first = Start(out _);
        EndSystemModel a = first.Host(A, AddressA);
        for (uint i = 0; i < 3000; i++)
        {
            Assert.Null(a.Publish("blue", $"198.51.100.{i % 10}/32", AddressA, 100 + i, i));
        }

        Assert.InRange(File.ReadAllLines(_path).Length, 10, 2000);
        string[] before = [.. first.Exported().Order()];
        GatewayRig second = Start(out (int Restored, int Awaited)? known, isKilled: true);
        Assert.Equal((10, 0), known);
        Assert.Equal(before, second.Exported().Order());
    }

    /// <summary>A gateway that cannot write says so once, and goes on.</summary>
    [Fact, Trait("Requirement", "SIG-14")]
    public void AFileThatCannotBeWrittenCostsMemoryOnly()
    {
        var rig = new GatewayRig();
        _rigs.Add(rig);
        List<string> failures = [];
        Assert.Null(rig.Gateway.Remember(Path.Combine(_path, "no", "such", "directory"), Longest, failures.Add));
        EndSystemModel a = rig.Host(A, AddressA);
        Assert.Null(a.Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        rig.Pass(TimeSpan.FromSeconds(30));
        Assert.Contains("cannot be kept", Assert.Single(failures), StringComparison.Ordinal);
        _ = Assert.Single(rig.Exported());
    }

    /// <summary>Provisioning that is read again while a session is lost takes nothing from who proved its address in it.</summary>
    [Fact, Trait("Requirement", "SIG-14"), Trait("Requirement", "SIG-11")]
    public void ALostSessionHasProvedWhatItProved()
    {
        GatewayRig rig = Start(out _);
        EndSystemModel a = rig.Host(A, AddressA);
        Assert.Null(a.Publish("blue", "198.51.100.25/32", AddressA, 52013, 7));
        a.Lose(SessionEndReason.Lost);
        rig.Gateway.Apply(GatewayRig.Everybody());
        rig.Run();
        _ = Assert.Single(rig.Exported());
    }

    private GatewayRig Start(out (int Restored, int Awaited)? known, bool isKilled = false, TimeSpan age = default, Provisioning? provisioning = null)
    {
        if (isKilled || age != default)
        {
            File.SetLastWriteTimeUtc(_path, (new ManualTime().GetUtcNow() - age).UtcDateTime);
        }

        var rig = new GatewayRig(provisioning: provisioning);
        _rigs.Add(rig);
        known = rig.Gateway.Remember(_path, Longest);
        rig.Run();
        return rig;
    }
}

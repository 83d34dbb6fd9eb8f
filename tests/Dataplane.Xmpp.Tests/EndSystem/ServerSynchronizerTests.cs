using Dataplane.Net;
using Dataplane.Xmpp.EndSystem;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Tests.EndSystem;

/// <summary>What a server is told, and when.</summary>
public sealed class ServerSynchronizerTests
{
    private readonly StillTime _time = new();
    private readonly DesiredState _desired = new();
    private readonly ModelServer _server = new();
    private readonly ServerSynchronizer _synchronizer;

    public ServerSynchronizerTests() => _synchronizer = new(_desired, _server, new(), _time) { WantsRoutes = true };

    [Fact]
    [Trait("Requirement", "XMP-06")]
    [Trait("Requirement", "MOB-04")]
    public void SubscriptionsGoOutBeforeAddresses()
    {
        Publish("a", "blue", "198.51.100.25/32", 7);
        _ = _desired.Add(new("blue"));
        _synchronizer.Opened();
        Assert.Equal([typeof(SubscribeRequest), typeof(PublishRequest), typeof(AssociateRequest)], _server.Requests.Select(static request => request.GetType()));
    }

    [Fact]
    [Trait("Requirement", "XMP-09")]
    public void AnAddressIsPublishedAndThenAssociated()
    {
        _synchronizer.Opened();
        Publish("02aa10c0ffee:198.51.100.25/32", "blue-web", "198.51.100.25/32", 7);
        var publish = Assert.IsType<PublishRequest>(_server.Requests[0]);
        var associate = Assert.IsType<AssociateRequest>(_server.Requests[1]);
        Assert.Equal("02aa10c0ffee:198.51.100.25/32", publish.Node);
        Assert.Null(publish.Items[0].Id);
        Assert.Equal(7u, publish.Items[0].Entry.Version);
        Assert.Equal(("blue-web", "02aa10c0ffee:198.51.100.25/32"), (associate.Collection, associate.Leaf));
        Assert.False(_synchronizer.IsPublished(publish.Node));
        _server.AnswerAll(_synchronizer);
        Assert.True(_synchronizer.IsPublished(publish.Node));
    }

    [Fact]
    public void AnotherVersionIsPublishedWithoutAssociatingAnew()
    {
        _synchronizer.Opened();
        Publish("a", "blue", "198.51.100.25/32", 7);
        _server.AnswerAll(_synchronizer);
        _server.Requests.Clear();
        Publish("a", "blue", "198.51.100.25/32", 8);
        Assert.Equal(8u, Assert.IsType<PublishRequest>(Assert.Single(_server.Requests)).Items[0].Entry.Version);
    }

    [Fact]
    [Trait("Requirement", "XMP-14")]
    public void AWithdrawalDissociatesAndDeletes()
    {
        _synchronizer.Opened();
        Publish("a", "blue", "198.51.100.25/32", 7);
        _server.AnswerAll(_synchronizer);
        _server.Requests.Clear();
        Withdraw("a");
        Assert.Equal([new DissociateRequest("blue", "a"), new DeleteRequest("a")], _server.Requests);
        _server.AnswerAll(_synchronizer);
        Assert.True(_synchronizer.IsSettled);
        Assert.Empty(_server.Leaves);
    }

    [Fact]
    public void WhatChangesWhileAnAnswerIsAwaitedIsToldAsItIsLast()
    {
        _synchronizer.Opened();
        Publish("a", "blue", "198.51.100.25/32", 1);
        for (uint version = 2; version < 100; version++)
        {
            Publish("a", "blue", "198.51.100.25/32", version);
        }

        Assert.Equal(2, _server.Requests.Count);
        _server.AnswerAll(_synchronizer);
        Assert.Equal(3, _server.Requests.Count);
        Assert.Equal(99u, _server.Leaves["a"].Entry.Version);
    }

    [Fact]
    [Trait("Requirement", "AGT-09")]
    public void EverythingIsToldAnewInANewSessionAndWhatWentMeanwhileIsWithdrawn()
    {
        _synchronizer.Opened();
        Join("blue");
        Publish("a", "blue", "198.51.100.25/32", 1);
        Publish("b", "blue", "198.51.100.26/32", 1);
        _server.AnswerAll(_synchronizer);
        _synchronizer.Closed();
        _server.Lose();
        Withdraw("b");
        _server.Requests.Clear();
        _synchronizer.Opened();
        _server.AnswerAll(_synchronizer);
        Assert.Equal([new Membership("blue")], _server.Subscriptions);
        Assert.Equal(["a"], _server.Leaves.Keys);
        Assert.Contains(new DissociateRequest("blue", "b"), _server.Requests);
    }

    [Fact]
    public void ARefusedPublicationIsTriedAgain()
    {
        var random = new Random(1);
        var server = new ModelServer(random) { Refusals = 1 };
        var refusals = new List<string>();
        var synchronizer = new ServerSynchronizer(_desired, server, new(), _time) { Refused = (what, failure) => refusals.Add($"{what}: {failure}") };
        _ = _desired.Set(Publication("a", "blue", "198.51.100.25/32", 1));
        synchronizer.Opened();
        server.AnswerAll(synchronizer);
        Assert.Equal(["publication a: resource-constraint"], refusals);
        Assert.Equal("resource-constraint", synchronizer.FailureOf("a")?.Condition);
        server.Refusals = 0;
        Assert.NotNull(synchronizer.Due);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(synchronizer.Advance());
        server.AnswerAll(synchronizer);
        Assert.True(synchronizer.IsPublished("a"));
        Assert.Null(synchronizer.FailureOf("a"));
    }

    [Fact]
    public void AnAnswerThatNeverComesEndsTheSession()
    {
        _synchronizer.Opened();
        Join("blue");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(_synchronizer.Advance());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_synchronizer.Advance());
    }

    [Fact]
    public void OnlySoManyRequestsWait()
    {
        _synchronizer.Opened();
        for (var i = 0; i < 1000; i++)
        {
            Publish($"leaf{i}", "blue", $"10.0.{i >> 8}.{i & 255}/32", 1);
        }

        Assert.InRange(_synchronizer.PendingCount, 1, new EndSystemSettings().MostPending + 1);
        _server.AnswerAll(_synchronizer);
        Assert.Equal(1000, _server.Leaves.Count);
        Assert.True(_synchronizer.IsSettled);
    }

    [Fact]
    public void InTheNewerProfileAnItemOfTheVpnIsPublishedAndRetracted()
    {
        var synchronizer = new ServerSynchronizer(_desired, _server, new() { Profile = WireProfile.EndSystem06 }, _time);
        synchronizer.Opened();
        _ = _desired.Set(Publication("a", "blue", "198.51.100.25/32", 1));
        synchronizer.Changed("a");
        var publish = Assert.IsType<PublishRequest>(Assert.Single(_server.Requests));
        Assert.Equal(("blue", "a"), (publish.Node, publish.Items[0].Id));
        _server.AnswerAll(synchronizer);
        _ = _desired.Remove("a");
        synchronizer.Changed("a");
        var retract = Assert.IsType<RetractRequest>(_server.Requests[^1]);
        Assert.Equal("blue", retract.Node);
        Assert.Equal(["a"], retract.Ids);
    }

    /// <summary>Whatever happens in between: when all is quiet, the server knows exactly what it shall.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Requirement", "AGT-09")]
    public void AServerEndsUpKnowingWhatItShall(int seed)
    {
        var random = new Random(seed);
        var server = new ModelServer(random);
        var synchronizer = new ServerSynchronizer(_desired, server, new() { MostPending = 5 }, _time) { WantsRoutes = true };
        var isOpen = false;
        for (var step = 0; step < 20_000; step++)
        {
            server.Refusals = step % 4000 < 2000 ? 0.05 : 0;
            server.Fullness = step % 3000 < 1000 ? 0.2 : 0;
            var leaf = $"leaf{random.Next(12)}";
            var membership = new Membership($"vpn{random.Next(4)}");
            switch (random.Next(10))
            {
                case 0 when !isOpen:
                    isOpen = true;
                    synchronizer.Opened();
                    break;
                case 0 when random.Next(20) == 0:
                    isOpen = false;
                    synchronizer.Closed();
                    server.Lose();
                    break;
                case 1 or 2:
                    _ = _desired.Set(Publication(leaf, $"vpn{random.Next(2)}", $"10.0.0.{random.Next(3)}/32", (uint)random.Next(3)));
                    synchronizer.Changed(leaf);
                    break;
                case 3:
                    _ = _desired.Remove(leaf);
                    synchronizer.Changed(leaf);
                    break;
                case 4:
                    _ = random.Next(2) == 0 ? _desired.Add(membership) : _desired.Remove(membership);
                    synchronizer.Changed(membership);
                    break;
                case 5:
                    synchronizer.Drained();
                    break;
                case 6 when random.Next(50) == 0:
                    _time.Advance(TimeSpan.FromSeconds(16));
                    _ = synchronizer.Advance();
                    break;
                default:
                    if (server.HasAnswers)
                    {
                        server.Answer(synchronizer);
                    }

                    break;
            }

            if (random.Next(1000) == 0)
            {
                Quiesce();
            }
        }

        Quiesce();

        void Quiesce()
        {
            (server.Refusals, server.Fullness) = (0, 0);
            if (!isOpen)
            {
                isOpen = true;
                synchronizer.Opened();
            }

            for (var i = 0; i < 4; i++)
            {
                synchronizer.Drained();
                server.AnswerAll(synchronizer);
                _time.Advance(TimeSpan.FromSeconds(16));
                _ = synchronizer.Advance();
            }

            Assert.True(synchronizer.IsSettled);
            Assert.Equal(_desired.Memberships.Order(Comparer), server.Subscriptions.Order(Comparer));
            Dictionary<string, Publication> wanted = _desired.Publications.ToDictionary(static publication => publication.Leaf);
            foreach ((string leaf, Publication publication) in wanted)
            {
                Assert.Equal((publication.Prefix, publication.Version, publication.Vpn),
                    (server.Leaves[leaf].Entry.Prefix, server.Leaves[leaf].Entry.Version, server.Leaves[leaf].Vpn));
                Assert.True(synchronizer.IsPublished(leaf));
            }

            // One whose publication was lost with the session before its answer came is the gateway's to forget, after its time.
            Assert.All(server.Leaves.Where(entry => !wanted.ContainsKey(entry.Key)), static entry => Assert.Null(entry.Value.Vpn));
        }
    }

    private static readonly Comparer<Membership> Comparer = Comparer<Membership>.Create(static (left, right) => string.CompareOrdinal(left.Vpn, right.Vpn));

    private static Publication Publication(string leaf, string vpn, string prefix, uint version) => new()
    {
        Leaf = leaf,
        Vpn = vpn,
        Prefix = IpPrefix.Parse(prefix),
        NextHop = IpAddress.Parse("203.0.113.17"),
        Label = new(52013),
        Version = version,
    };

    private void Publish(string leaf, string vpn, string prefix, uint version)
    {
        _ = _desired.Set(Publication(leaf, vpn, prefix, version));
        _synchronizer.Changed(leaf);
    }

    private void Withdraw(string leaf)
    {
        _ = _desired.Remove(leaf);
        _synchronizer.Changed(leaf);
    }

    private void Join(string vpn)
    {
        _ = _desired.Add(new(vpn));
        _synchronizer.Changed(new Membership(vpn));
    }
}

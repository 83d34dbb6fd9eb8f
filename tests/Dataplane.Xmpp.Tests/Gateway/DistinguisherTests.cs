using Dataplane.Net;
using Dataplane.Xmpp.Gateway;
using Dataplane.Xmpp.PubSub;
using Dataplane.Xmpp.Sessions;

namespace Dataplane.Xmpp.Tests.Gateway;

/// <summary>
/// Two gateways with the same provisioning make the same distinguishers (AMB-19), whatever they hear first: 900 VPNs, some of whose names have one hash, with
/// instance ids that are provisioned or said by the end-system and would be others' own.
/// </summary>
public sealed class DistinguisherTests
{
    private const int Vpns = 900;
    private static readonly IpPrefix[] Everything = [IpPrefix.Parse("0.0.0.0/0")];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [Trait("Requirement", "SIG-02")]
    [Trait("Requirement", "SIG-04")]
    [Trait("Requirement", "SIG-15")]
    public void DoNotDependOnTheOrderOfArrival(int seed)
    {
        var random = new Random(seed);
        string[] names = [.. Enumerable.Range(0, Vpns).Select(i => $"tenant-{random.Next(1_000_000)}-{i}")];

        // Ids that are other VPNs' own: some provisioned, some said.
        ushort[] natural = Natural(names);
        Assert.Equal(Vpns, natural.Distinct().Count());
        int[] shuffled = [.. Enumerable.Range(0, Vpns)];
        random.Shuffle(shuffled);
        var provisioned = shuffled[..20].ToDictionary(i => names[i], i => natural[shuffled[100 + Array.IndexOf(shuffled, i)]]);
        var said = shuffled[20..40].ToDictionary(i => names[i], i => natural[shuffled[200 + Array.IndexOf(shuffled, i)]]);

        string[]? first = null;
        for (var gateway = 0; gateway < 4; gateway++)
        {
            // VRFs in another order, too.
            string[] vrfs = [.. names];
            random.Shuffle(vrfs);
            using GatewayRig rig = Rig(vrfs, provisioned);
            EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
            List<(string Vpn, bool Publishes)> steps = [.. said.Keys.Select(static vpn => (vpn, false)), .. names.Select(static vpn => (vpn, true))];
            (string, bool)[] order = [.. steps];
            random.Shuffle(order);
            var lost = random.Next(order.Length);
            for (var i = 0; i < order.Length; i++)
            {
                Do(host, order[i], names, said);
                if (i == lost)
                {
                    host.Lose(SessionEndReason.Lost);
                    host.Connect();
                }
            }

            rig.Run();
            string[] exported = [.. rig.Exported().Order(StringComparer.Ordinal)];
            Assert.Equal(Vpns, exported.Length);
            Assert.Equal(Vpns, exported.Select(static route => route.Split(' ')[0]).Distinct().Count());
            Assert.Equal(first ??= exported, exported);
        }

        foreach ((var vpn, var id) in provisioned.Concat(said))
        {
            Assert.Contains(first!, route => route.StartsWith($"203.0.113.17:{id} {PrefixOf(Array.IndexOf(names, vpn))} ", StringComparison.Ordinal));
        }
    }

    [Fact]
    [Trait("Requirement", "SIG-04")]
    public void AnIdThatIsProvisionedCannotBeSaidForAnotherVpn()
    {
        using GatewayRig rig = Rig(["one", "two"], new() { ["one"] = 7 });
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        Assert.NotNull(host.Do(new SubscribeRequest("two", null) { InstanceId = 7 }));
        Assert.Equal(1, rig.Gateway.Counters.RefusalsOf(RefusalReason.InstanceTaken));
        Assert.Null(host.Do(new SubscribeRequest("two", null) { InstanceId = 8 }));
        Assert.Null(host.Publish("two", "10.0.0.1/32", "203.0.113.17", 1000));
        Assert.StartsWith("203.0.113.17:8 ", Assert.Single(rig.Exported()), StringComparison.Ordinal);

        // Provisioning gives it away later: it goes first.
        rig.Gateway.Apply(Granting(["one", "two"], new() { ["one"] = 8 }));
        rig.Run();
        Assert.DoesNotContain("203.0.113.17:8 ", Assert.Single(rig.Exported()), StringComparison.Ordinal);
    }

    private static void Do(EndSystemModel host, (string Vpn, bool Publishes) step, string[] names, Dictionary<string, ushort> said)
    {
        if (!step.Publishes)
        {
            Assert.Null(host.Send(new SubscribeRequest(step.Vpn, null) { InstanceId = said[step.Vpn] }));
            return;
        }

        var prefix = PrefixOf(Array.IndexOf(names, step.Vpn));
        Assert.Null(host.Send(new PublishRequest(prefix, [new(null, EndSystemModel.Entry(prefix, "203.0.113.17", 1000))])));
        Assert.Null(host.Send(new AssociateRequest(step.Vpn, prefix)));
    }

    private static string PrefixOf(int vpn) => $"10.0.{vpn >> 8}.{vpn & 255}/32";

    private static ushort[] Natural(string[] names)
    {
        using GatewayRig rig = Rig(names, []);
        EndSystemModel host = rig.Host("02aa10c0ffee", "203.0.113.17");
        for (var i = 0; i < names.Length; i++)
        {
            Do(host, (names[i], true), names, []);
        }

        rig.Run();
        var ids = new ushort[names.Length];
        foreach (string route in rig.Exported())
        {
            string[] parts = route.Split(' ');
            ids[Enumerable.Range(0, names.Length).Single(i => PrefixOf(i) == parts[1])] = ushort.Parse(parts[0].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        return ids;
    }

    private static GatewayRig Rig(string[] vrfs, Dictionary<string, ushort> provisioned)
    {
        var rig = new GatewayRig(provisioning: Provisioning.Empty);
        foreach (var name in vrfs)
        {
            _ = rig.Vrfs.Add(new() { Name = name });
        }

        rig.Gateway.Apply(Granting(vrfs, provisioned));
        return rig;
    }

    private static Provisioning Granting(string[] vpns, Dictionary<string, ushort> provisioned) => new(
    [
        new EndSystemGrant
        {
            Pattern = "02aa10c0ffee",
            Vpns = [.. vpns.Select(vpn => new VpnGrant { Vpn = vpn, Prefixes = Everything, Instance = provisioned.TryGetValue(vpn, out var id) ? id : null })],
        },
    ]);
}

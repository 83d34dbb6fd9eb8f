using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration;
using Dataplane.Host.Gateway;
using Dataplane.Host.Tests.Configuration;
using Dataplane.Net;
using Dataplane.Routing;
using Dataplane.Routing.Policy;

namespace Dataplane.Host.Tests.Gateway;

/// <summary>What files say is what speaker, VRFs and policies are told.</summary>
public sealed class GatewaySettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static DataplaneConfiguration Load(string yaml, string file = "lab.yaml")
    {
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, file, ConfigurationPurpose.Run, FakeKernelView.Default);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    [Fact]
    public void EveryOptionOfAPeerArrives()
    {
        SpeakerSettings settings = SpeakerSettingsReader.Read(Load("""
            roles: [gateway]
            state-directory: /var/lib/dataplane
            bgp:
              as: 65000
              router-id: 203.0.113.9
              cluster-id: 203.0.113.1
              listen: [{ address: 203.0.113.9, port: 1179 }]
              graceful-restart: { restart-time: 1, selection-deferral: 2, session-deferral: 6, stale-path-time: 3, max-peer-restart-time: 4, max-long-lived-stale-time: 5, notification-support: false }
              best-path: { always-compare-med: true, missing-med-is-worst: true, prefer-oldest-external: true, multipath-relax: true, maximum-paths: 7 }
              peers:
                - address: 192.0.2.1
                  as: 4200000000
                  local-as: { as: 65001, no-prepend: true, replace-as: true }
                  description: the WAN
                  enabled: false
                  port: 1790
                  local-address: 203.0.113.9
                  passive: true
                  password: s3cret
                  multihop-ttl: 5
                  hold-time: 30
                  min-hold-time: 9
                  keepalive-time: 10
                  connect-retry: 11
                  delay-open: 12
                  idle-hold: 13
                  max-idle-hold: 14
                  open-hold-time: 15
                  send-hold-time: 16
                  families:
                    - ipv4-unicast
                    - { family: vpn-ipv4, add-path: send, send-max-paths: 3, max-prefixes: 100, warn-percent: 50, max-prefix-action: restart, max-prefix-restart: 60, llgr-stale-time: 70, extended-next-hop: true }
                  next-hop: unchanged
                  allow-as-in: 2
                  as-override: true
                  remove-private-as: replace
                  enhanced-refresh: false
                  extended-message: false
                  graceful-restart: full
                  long-lived-graceful-restart: true
                  import-policy: accept-all
                  export-policy: reject-all
                  advertise-specifics: false
                  allow-foreign-first-as: true
                  send-queue-kib: 128
                  receive-queue-kib: 64
            bmp: [{ address: 203.0.113.200, port: 11019, views: [adj-rib-in-post, loc-rib], statistics-interval: 0, queue-mib: 1, system-name: gw }]
            mrt: { directory: /var/lib/mrt, message-file: "updates.%Y%m%d", message-rotation: 60, table-interval: 0, keep-files: 3 }
            """));
        Assert.Equal((new AsNumber(65000), 0xCB007109u, 0xCB007101u), (settings.As, settings.RouterId, settings.ClusterId!.Value));
        Assert.Equal([new ListenEndpoint(IpAddress.Parse("203.0.113.9"), 1179)], settings.Listen);
        Assert.Equal("/var/lib/dataplane", settings.StateDirectory);
        Assert.Equal(
            new GracefulRestartSettings
            {
                RestartTime = S(1),
                SelectionDeferral = S(2),
                SessionDeferral = S(6),
                StalePathTime = S(3),
                MaximumPeerRestartTime = S(4),
                MaximumLongLivedStaleTime = S(5),
                NotificationSupport = false,
            },
            settings.GracefulRestart);
        Assert.Equal(
            new BestPathSettings { AlwaysCompareMed = true, MissingMedIsWorst = true, PreferOldestExternal = true, MultipathRelax = true, MaximumPaths = 7 },
            settings.BestPath);
        PeerSettings peer = Assert.Single(settings.Peers);
        FamilySettings[] families =
        [
            RouteFamily.Ipv4Unicast,
            new()
            {
                Family = RouteFamily.VpnIpv4, AddPath = AddPathMode.Send, SendMaxPaths = 3, MaxPrefixes = 100, WarnPercent = 50,
                MaxPrefixAction = MaxPrefixAction.RestartAfter, MaxPrefixRestart = S(60), LlgrStaleTime = S(70), ExtendedNextHop = true,
            },
        ];
        Assert.Equal(families, peer.Families);
        Assert.Equal(
            new PeerSettings
            {
                Address = IpAddress.Parse("192.0.2.1"),
                As = new(4200000000),
                LocalAs = new(new(65001), true, true),
                Description = "the WAN",
                Enabled = false,
                Port = 1790,
                Families = peer.Families,
                Transport = new()
                {
                    LocalAddress = IpAddress.Parse("203.0.113.9"),
                    Passive = true,
                    Password = "s3cret",
                    MultihopTtl = 5,
                    SendQueueBytes = 128 << 10,
                    ReceiveQueueBytes = 64 << 10,
                },
                Timers = new()
                {
                    HoldTime = S(30),
                    MinimumHoldTime = S(9),
                    KeepaliveTime = S(10),
                    ConnectRetry = S(11),
                    DelayOpen = S(12),
                    IdleHold = S(13),
                    MaximumIdleHold = S(14),
                    OpenHoldTime = S(15),
                    SendHoldTime = S(16),
                },
                NextHop = NextHopMode.Unchanged,
                AllowAsIn = 2,
                AsOverride = true,
                RemovePrivate = RemovePrivateMode.Replace,
                EnhancedRefresh = false,
                ExtendedMessage = false,
                GracefulRestart = GracefulRestartMode.Full,
                LongLivedGracefulRestart = true,
                ImportPolicy = "accept-all",
                ExportPolicy = "reject-all",
                AdvertiseSpecifics = false,
                AllowForeignFirstAs = true,
            },
            peer);
        BmpSettings station = Assert.Single(settings.Bmp);
        Assert.Equal((BmpViews.AdjRibInPost | BmpViews.LocRib, TimeSpan.Zero, 1 << 20, "gw"), (station.Views, station.StatisticsInterval, station.QueueBytes, station.SystemName));
        Assert.Equal(("/var/lib/mrt", "updates.%Y%m%d", null, 3), (settings.Mrt!.Directory, settings.Mrt.MessageFile, settings.Mrt.TableFile, settings.Mrt.KeepFiles));
    }

    [Fact]
    public void WhatIsLeftOutIsWhatTheSpeakerTakesForGranted()
    {
        SpeakerSettings settings = SpeakerSettingsReader.Read(Load(GatewaySample.With()));
        PeerSettings peer = Assert.Single(settings.Peers);
        Assert.Equal([RouteFamily.VpnIpv4, RouteFamily.VpnIpv6, RouteFamily.RouteTargetConstraint], peer.Families.Select(static family => family.Family));
        Assert.Equal(
            new PeerSettings
            {
                Address = peer.Address,
                As = new(65000),
                Families = peer.Families,
                Transport = new() { Password = "s3cret" },
            },
            peer);
        Assert.Equal(new GracefulRestartSettings(), settings.GracefulRestart);
        Assert.Equal(new BestPathSettings(), settings.BestPath);
        Assert.Equal(["0.0.0.0:179", "[::]:179"], settings.Listen.Select(static endpoint => endpoint.ToString()));
    }

    [Fact]
    public void PeersTakeOverWhatTheirGroupSays()
    {
        SpeakerSettings settings = SpeakerSettingsReader.Read(Load("""
            roles: [gateway]
            bgp:
              as: 65000
              router-id: 203.0.113.9
              peer-groups: [{ name: pes, as: 65000, password: of-the-group, hold-time: 30, ttl-security-hops: 2, families: [vpn-ipv4] }]
              peers:
                - { address: 203.0.113.17, group: pes }
                - { address: 203.0.113.18, group: pes, password: own, hold-time: 60, multihop-ttl: 9, families: [vpn-ipv6] }
              dynamic-peers: [{ range: 203.0.113.128/25, group: pes, max-peers: 5, forget-after: 7, allowed-as: [65000, 65010-65019] }]
            """));
        Assert.Equal(
            [("of-the-group", 30.0, (byte?)2, (byte?)null, "vpn-ipv4"), ("own", 60.0, null, 9, "vpn-ipv6")],
            settings.Peers.Select(static peer => (
                peer.Transport.Password!, peer.Timers.HoldTime.TotalSeconds, peer.Transport.TtlSecurityHops, peer.Transport.MultihopTtl, peer.Families[0].Family.Name)));
        PeerRangeSettings range = Assert.Single(settings.Ranges);
        Assert.Equal((IpPrefix.Parse("203.0.113.128/25"), 5, S(7), "of-the-group"), (range.Range, range.MaxPeers, range.ForgetAfter, range.Template.Transport.Password));
        Assert.Equal(["65000", "65010-65019"], range.AllowedAs.Select(static allowed => allowed.ToString()));
    }

    [Theory]
    [InlineData("", PolicySet.RejectAll)]
    [InlineData("ebgp-requires-policy: false", null)]
    public void ExternalPeersWithoutPolicyExchangeNothing(string option, string? expected)
    {
        // RFC 8212: unless the operator says otherwise.
        string yaml = GatewaySample.Speaker(option, "    - { address: 203.0.113.17, as: 65010, password: x }\n    - { address: 203.0.113.18, as: 65000, password: x }");
        SpeakerSettings settings = SpeakerSettingsReader.Read(Load(yaml));
        Assert.Equal((expected, expected), (settings.Peers[0].ImportPolicy, settings.Peers[0].ExportPolicy));
        Assert.Equal((null, null), (settings.Peers[1].ImportPolicy, settings.Peers[1].ExportPolicy));
    }

    [Fact]
    [Trait("Requirement", "SEC-07")]
    public void SecretsComeFromFilesThatOnlyWeCanRead()
    {
        string secret = _folder.Write("peer.secret", "from a file\n");
        string yaml = GatewaySample.Speaker("", "    - { address: 203.0.113.17, as: 65000, password-file: peer.secret }");
        Permit(secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        ConfigurationDiagnostic finding = Assert.Single(
            ConfigurationLoader.Parse(yaml, _folder["gateway.yaml"], ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);
        Assert.Equal(DiagnosticSeverity.Warning, finding.Severity);
        Assert.Contains("can be read by everyone", finding.Message, StringComparison.Ordinal);

        Permit(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        DataplaneConfiguration configuration = Load(yaml, _folder["gateway.yaml"]);
        Assert.Equal("from a file", SpeakerSettingsReader.Read(configuration).Peers[0].Transport.Password);
        Assert.DoesNotContain("from a file", SpeakerSettingsReader.Read(configuration).ToString(), StringComparison.Ordinal);

        File.WriteAllText(secret, "two\nlines\n");
        finding = Assert.Single(ConfigurationLoader.Parse(yaml, _folder["gateway.yaml"], ConfigurationPurpose.Run, FakeKernelView.Default).Diagnostics);
        Assert.EndsWith("has several lines; it needs one, the secret", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SEC-07")]
    public void SessionsWithoutASecretTakeExplicitWords()
    {
        string Yaml(string keys) => GatewaySample.Speaker("", $"    - {{ address: 203.0.113.17, as: 65000{keys} }}");
        Assert.Null(ConfigurationLoader.Parse(Yaml(""), "lab.yaml", ConfigurationPurpose.Run, FakeKernelView.Default).Configuration);
        DataplaneConfiguration configuration = Load(Yaml(", authentication: none"));
        Assert.Null(SpeakerSettingsReader.Read(configuration).Peers[0].Transport.Password);
    }

    [Fact]
    public void PoliciesHaveTheSetsThatTheyName()
    {
        PolicySet policies = PolicyReader.Read(Load(GatewaySample.With(
            "prefix-sets: [{ name: ours, prefixes: [198.51.100.0/24] }]",
            "community-sets: [{ name: marked, communities: [\"65000:*\"] }]",
            "as-path-sets: [{ name: near, as: [65010-65019], patterns: [\"^65010\"] }]",
            """
            policies:
              - name: all
                default: accept
                terms:
                  - name: t
                    match:
                      prefixes: [ours, 10.0.0.0/8]
                      families: [vpn-ipv4]
                      route-distinguishers: ["65000:*"]
                      communities: [marked]
                      all-communities: [no-export, marked]
                      no-communities: ["rt:*"]
                      route-targets: ["*:1"]
                      as-path-length: 1-
                      as-path-contains: [near, 7]
                      originated-by: [7]
                      neighbor-as: [near]
                      as-path: near
                      next-hop: [ours]
                      origin: [igp, incomplete]
                      local-pref: 100-200
                      med: -5
                      version: 3
                      sources: [ebgp]
                      from-peers: [192.0.2.0/24]
                      peers: [192.0.2.0/24]
                      peer-as: [near]
                    then:
                      local-pref: 7
                      med: +10
                      origin: egp
                      next-hop: 192.0.2.7
                      as-path-prepend: { as: 65009, count: 2 }
                      communities: { remove: ["65000:*"], add: [no-advertise] }
                      extended-communities: { add: ["mobility:9"] }
                      large-communities: { set: ["65000:1:1"] }
                      route-targets: { set: ["65000:5"] }
                    action: accept
              - { name: same, default: accept, terms: [{ name: t, call: all, action: next, then: { next-hop: self, as-path-prepend: 3, med: none } }] }
            """)));
        PolicyDefinition[] expected =
        [
            new()
            {
                Name = "all",
                AcceptsByDefault = true,
                Terms =
                [
                    new PolicyTerm
                    {
                        Name = "t",
                        Matches =
                        [
                            new FamilyMatch([RouteFamily.VpnIpv4]), new SourceKindMatch([Routing.Rib.SourceKind.Ebgp]), new SourceAddressMatch(Prefixes("192.0.2.0/24")),
                            new PeerMatch(Prefixes("192.0.2.0/24")), new PeerAsMatch(Numbers("65010-65019")), new DistinguisherMatch([Distinguisher("65000:*")]),
                            new PrefixMatch(Prefixes("198.51.100.0/24", "10.0.0.0/8")), new OriginMatch([RouteOrigin.Igp, RouteOrigin.Incomplete]),
                            new LocalPrefMatch(new(100, 200)), new MedMatch(new(0, 5)), new VersionMatch(new(3, 3), VersionCommunity.MacMobility), new NextHopMatch(Prefixes("198.51.100.0/24")),
                            new RouteTargetMatch(Communities("rt:*:1")), new CommunityMatch(Communities("65000:*"), SetMode.Any),
                            new CommunityMatch(Communities("no-export", "65000:*"), SetMode.All), new CommunityMatch(Communities("rt:*"), SetMode.None),
                            new AsPathLengthMatch(new(1, uint.MaxValue)), new NeighborAsMatch(Numbers("65010-65019")), new OriginatedByMatch(Numbers("7")),
                            new AsPathContainsMatch(Numbers("65010-65019", "7")), new AsPathPatternMatch([Pattern("^65010")]),
                        ],
                        Actions =
                        [
                            new EditCommunities(CommunityKind.Standard, Communities("65000:*").Patterns, Values("no-advertise")),
                            new EditCommunities(CommunityKind.Extended, [], Values("mobility:9")),
                            new EditCommunities(CommunityKind.Extended, [CommunityPattern.AnyRouteTarget], Values("rt:65000:5")),
                            new EditCommunities(CommunityKind.Large, [], Values("65000:1:1"), removesAll: true),
                            new SetLocalPref(7), new SetMed(10, isSum: true), new SetOrigin(RouteOrigin.Egp), new PrependAs(new(65009), 2),
                            SetNextHop.To(IpAddress.Parse("192.0.2.7")),
                        ],
                        Outcome = TermOutcome.Accept,
                    },
                ],
            },
            new()
            {
                Name = "same",
                AcceptsByDefault = true,
                Terms = [new PolicyTerm { Name = "t", Call = "all", Actions = [new RemoveMed(), new PrependAs(null, 3), SetNextHop.Self] }],
            },
        ];
        Assert.False(new PolicySet(expected, policies).IsChanged);
    }

    private static void Permit(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static TimeSpan S(int seconds) => TimeSpan.FromSeconds(seconds);

    private static PrefixSet Prefixes(params IEnumerable<string> texts) =>
        new(texts.Select(static text => PrefixRange.Parse(text, out PrefixRange range) is null ? range : throw new FormatException(text)));

    private static AsSet Numbers(params IEnumerable<string> texts) =>
        new(texts.Select(static text => AsRange.TryParse(text, out AsRange range) ? range : throw new FormatException(text)));

    private static CommunitySet Communities(params IEnumerable<string> texts) =>
        new(texts.Select(static text => CommunityPattern.Parse(text, out CommunityPattern? pattern) is null ? pattern! : throw new FormatException(text)));

    private static IEnumerable<CommunityValue> Values(params IEnumerable<string> texts) =>
        texts.Select(static text => CommunityValue.TryParse(text, out CommunityValue value) ? value : throw new FormatException(text));

    private static DistinguisherPattern Distinguisher(string text) =>
        DistinguisherPattern.TryParse(text, out DistinguisherPattern pattern) ? pattern : throw new FormatException(text);

    private static AsPathPattern Pattern(string text) =>
        AsPathPattern.Parse(text, out AsPathPattern? pattern) is null ? pattern! : throw new FormatException(text);
}

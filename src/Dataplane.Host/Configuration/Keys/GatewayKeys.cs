using Dataplane.Bgp.Settings;
using Dataplane.Host.Configuration.Values;
using Dataplane.Net;
using static Dataplane.Host.Configuration.Values.ConfigurationKey;

namespace Dataplane.Host.Configuration.Keys;

/// <summary>The keys of <c>management</c>, of an entry of <c>bmp</c>, and of <c>mrt</c>.</summary>
internal static class GatewayKeys
{
    public static readonly ConfigurationKey<string> Socket = WithDefault("socket", BgpValues.Path, ManagementConfiguration.DefaultSocket,
        "Path of the unix socket of the management API, which 'dataplane show' asks.");

    public static readonly ConfigurationKey<string?> Group = Optional("group", NameValues.Printable,
        "Group whose members may use it. Default: the program's user only.");

    public static readonly MappingValue<ManagementConfiguration> ManagementMapping = new(
        "'management'",
        static m => new ManagementConfiguration { Socket = m.Get(Socket), Group = m.Get(Group) },
        Socket, Group);

    public static readonly ConfigurationKey<IpAddress> BmpAddress = Required("address", BgpValues.Peer,
        "The station's address.");

    public static readonly ConfigurationKey<int> BmpPort = Required("port", new IntegerValue(1, 65_535),
        "The station's TCP port.");

    public static readonly ConfigurationKey<IReadOnlyList<BmpViews>> BmpViewList = WithDefault<IReadOnlyList<BmpViews>>(
        "views",
        new ListValue<BmpViews>(
            new ChoiceValue<BmpViews>([
                new("adj-rib-in-pre", BmpViews.AdjRibInPre, "what peers sent, before policy (RFC 7854)"),
                new("adj-rib-in-post", BmpViews.AdjRibInPost, "what of it policy accepted"),
                new("adj-rib-out-pre", BmpViews.AdjRibOutPre, "what peers are sent, before policy (RFC 8671)"),
                new("adj-rib-out-post", BmpViews.AdjRibOutPost, "what peers are sent"),
                new("loc-rib", BmpViews.LocRib, "the best paths (RFC 9069)"),
            ]),
            "views", unique: true),
        [BmpViews.AdjRibInPre],
        "What the station is told besides sessions and statistics.");

    public static readonly ConfigurationKey<TimeSpan> BmpStatistics = WithDefault("statistics-interval", new SecondsValue(0, 86_400), TimeSpan.FromSeconds(60),
        "Seconds between statistics reports; 0 for none.");

    public static readonly ConfigurationKey<TimeSpan> BmpRetry = WithDefault("retry", new SecondsValue(1, 3600), TimeSpan.FromSeconds(5),
        "The first wait before connecting again, in seconds; it doubles up to 'max-retry'.");

    public static readonly ConfigurationKey<TimeSpan> BmpMaxRetry = WithDefault("max-retry", new SecondsValue(1, 86_400), TimeSpan.FromSeconds(120),
        "The longest wait before connecting again, in seconds.");

    public static readonly ConfigurationKey<int> BmpQueue = WithDefault("queue-mib", new IntegerValue(1, 1024), 64,
        "MiB held for a station that reads slowly; beyond them the session starts over.");

    public static readonly ConfigurationKey<string?> SystemName = Optional("system-name", NameValues.Description,
        "The name we give ourselves. Default: the machine's.");

    public static readonly MappingValue<BmpSettings> BmpMapping = new(
        "a BMP station",
        static m => new BmpSettings
        {
            Address = m.Get(BmpAddress),
            Port = (ushort)m.Get(BmpPort),
            Views = m.Get(BmpViewList).Aggregate(BmpViews.None, static (all, view) => all | view),
            StatisticsInterval = m.Get(BmpStatistics),
            Retry = m.Get(BmpRetry),
            MaximumRetry = m.Get(BmpMaxRetry),
            QueueBytes = m.Get(BmpQueue) << 20,
            SystemName = m.Get(SystemName),
        },
        BmpAddress, BmpPort, BmpViewList, BmpStatistics, BmpRetry, BmpMaxRetry, BmpQueue, SystemName);

    public static readonly ConfigurationKey<string> MrtDirectory = Required("directory", BgpValues.Path,
        "The directory of the dumps.");

    public static readonly ConfigurationKey<string?> MessageFile = Optional("message-file", BgpValues.Path,
        "Pattern of the names of files with messages and state changes: %Y %m %d %H %M %S, UTC. Default: none are written.");

    public static readonly ConfigurationKey<bool> SentMessages = WithDefault("sent-messages", new BooleanValue(), false,
        "Write the messages that peers are sent too, as records of local messages (RFC 6396 §4.4.5).");

    public static readonly ConfigurationKey<string?> TableFile = Optional("table-file", BgpValues.Path,
        "Pattern of the names of files with tables. Default: none are written on a schedule.");

    public static readonly ConfigurationKey<TimeSpan> MessageRotation = WithDefault("message-rotation", new SecondsValue(10, 604_800), TimeSpan.FromMinutes(15),
        "Seconds of messages in one file.");

    public static readonly ConfigurationKey<int> MessageFileMib = WithDefault("message-file-mib", new IntegerValue(1, 65_536), 256,
        "MiB after which the next file of messages begins in any case.");

    public static readonly ConfigurationKey<TimeSpan> TableInterval = WithDefault("table-interval", new SecondsValue(0, 604_800), TimeSpan.FromHours(2),
        "Seconds between dumps of tables; 0 for on request only.");

    public static readonly ConfigurationKey<int> MrtQueue = WithDefault("queue-mib", new IntegerValue(1, 1024), 16,
        "MiB that wait to be written; records beyond them are dropped and counted.");

    public static readonly ConfigurationKey<int> KeepFiles = WithDefault("keep-files", new IntegerValue(0, 1_000_000), 0,
        "Files of each kind to keep; 0 for all.");

    public static readonly MappingValue<MrtSettings> MrtMapping = new(
        "'mrt'",
        static m => new MrtSettings
        {
            Directory = m.Get(MrtDirectory),
            MessageFile = m.Get(MessageFile),
            SentMessages = m.Get(SentMessages),
            TableFile = m.Get(TableFile),
            MessageRotation = m.Get(MessageRotation),
            MessageFileBytes = (long)m.Get(MessageFileMib) << 20,
            TableInterval = m.Get(TableInterval),
            QueueBytes = m.Get(MrtQueue) << 20,
            KeepFiles = m.Get(KeepFiles),
        },
        MrtDirectory, MessageFile, SentMessages, TableFile, MessageRotation, MessageFileMib, TableInterval, MrtQueue, KeepFiles);
}

using System.Globalization;
using System.Text;
using Dataplane.Forwarding.Layout;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Fuzzing;

/// <summary>
/// One burst to try. As a file: lines of <c>network N</c>, <c>port N</c>, <c>placement end|start</c>, <c>headroom N</c>,
/// <c>room N</c> (frames each port takes, left out when unlimited), <c>frame HEX</c>, or instead of frames what the slow path
/// gives back: <c>inject KIND PORT VRF INTERFACE KEEPTTL HEX</c>; <c>#</c> starts a comment.
/// </summary>
internal sealed record FuzzCase
{
    /// <summary>Which of <see cref="FuzzNetworks"/>.</summary>
    internal int Network { get; init; }

    /// <summary>Port row that receives the burst.</summary>
    internal ushort Port { get; init; }

    internal Placement Placement { get; init; }

    internal int Headroom { get; init; } = 128;

    internal uint Room { get; init; } = FakeDpdk.Unlimited;

    /// <summary>Frames that the port receives.</summary>
    internal byte[][] Frames { get; init; } = [];

    /// <summary>Packets and frames that the slow path injects; then there are no others.</summary>
    internal (InjectTag Tag, byte[] Data)[] Injected { get; init; } = [];

    internal static FuzzCase Parse(string text)
    {
        var frames = new List<byte[]>();
        var injected = new List<(InjectTag, byte[])>();
        var parsed = new FuzzCase();
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#')
                continue;
            string[] words = line.Split(' ', 2);
            string value = words.Length > 1 ? words[1] : "";
            switch (words[0])
            {
                case "network":
                    parsed = parsed with { Network = int.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case "port":
                    parsed = parsed with { Port = ushort.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case "placement":
                    parsed = parsed with { Placement = value == "start" ? Placement.StartAtGuard : Placement.EndAtGuard };
                    break;
                case "headroom":
                    parsed = parsed with { Headroom = int.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case "room":
                    parsed = parsed with { Room = uint.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case "frame":
                    frames.Add(Convert.FromHexString(value));
                    break;
                case "inject":
                    injected.Add(ParseInjected(value.Split(' ')));
                    break;
                default:
                    throw new FormatException($"'{words[0]}' is no part of a fuzz case");
            }
        }
        return parsed with { Frames = [.. frames], Injected = [.. injected] };
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"network {Network}\nport {Port}\n");
        text.Append(Placement == Placement.StartAtGuard ? "placement start\n" : "placement end\n");
        if (Headroom != 128)
            text.Append(CultureInfo.InvariantCulture, $"headroom {Headroom}\n");
        if (Room != FakeDpdk.Unlimited)
            text.Append(CultureInfo.InvariantCulture, $"room {Room}\n");
        foreach (byte[] frame in Frames)
            text.Append(CultureInfo.InvariantCulture, $"frame {Convert.ToHexStringLower(frame)}\n");
        foreach ((InjectTag tag, byte[] data) in Injected)
            text.Append(CultureInfo.InvariantCulture, $"inject {tag.Kind} {tag.Port} {tag.Vrf} {tag.Interface} {tag.KeepTtl} {Convert.ToHexStringLower(data)}\n");
        return text.ToString();
    }

    private static (InjectTag, byte[]) ParseInjected(string[] words) => (
        new InjectTag
        {
            Kind = Enum.Parse<InjectKind>(words[0]),
            Port = ushort.Parse(words[1], CultureInfo.InvariantCulture),
            Vrf = uint.Parse(words[2], CultureInfo.InvariantCulture),
            Interface = uint.Parse(words[3], CultureInfo.InvariantCulture),
            KeepTtl = byte.Parse(words[4], CultureInfo.InvariantCulture),
        },
        words.Length > 5 ? Convert.FromHexString(words[5]) : []);
}

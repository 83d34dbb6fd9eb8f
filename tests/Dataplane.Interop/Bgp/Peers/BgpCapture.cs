using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>Everything said on the network's loopback, recorded and read by tshark: an opinion on our messages that is not our own.</summary>
public sealed class BgpCapture : IDisposable
{
    private const int MarkPort = 9; // discard
    private static readonly string BmpPort = string.Create(CultureInfo.InvariantCulture, $"tcp.port=={BmpStation.Port},bmp");
    private readonly string _path;
    private readonly Process _process;
    private readonly Socket _marker;
    private int _marks;
    private long _searched;

    /// <summary>Starts to record.</summary>
    /// <param name="network">Where.</param>
    /// <param name="path">The file.</param>
    public BgpCapture(BgpNetwork network, string path)
    {
        _path = path;
        string log = path + ".log";
        _marker = network.Space.Join(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        // Immediate mode: without it tcpdump gets packets when a block is full, or after a second. Its ring has a slot of 64 KiB for each.
        _process = network.Space.Start(log, ["tcpdump", "-n", "-U", "--immediate-mode", "-s", "65535", "-B", "65536", "-i", "lo", "-w", path,
            $"tcp port 179 or tcp port {BmpStation.Port} or udp port {MarkPort}"]);
        Wait.Until("tcpdump to listen", () => File.Exists(log) && File.ReadAllText(log).Contains("listening on", StringComparison.Ordinal));
    }

    /// <summary>The segments so far that pass a display filter: one row each, one column per field, tshark's notation.</summary>
    public List<string[]> Decode(string displayFilter, params string[] fields)
    {
        string output = Dissect(displayFilter, ["-T", "fields", .. fields.SelectMany(field => new[] { "-e", field })]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }

    /// <summary>The messages to a BMP station so far, in order.</summary>
    public IReadOnlyList<BmpMessage> BmpMessages()
    {
        string document = Dissect("bmp", ["-T", "pdml"]);
        return [.. XDocument.Parse(document).Descendants("packet").SelectMany(BmpMessage.Of)];
    }

    /// <summary>
    /// What tshark holds against the messages that speaker <paramref name="from"/> sent: malformed ones, and whatever it reports
    /// as an error. Empty when all is well; there must have been messages at all.
    /// </summary>
    /// <param name="from">The speaker.</param>
    /// <param name="to">
    /// Only what it sent to these; all when left out. tshark guesses from the octets of NLRI whether they have path identifiers, and sometimes
    /// wrongly: of sessions with them the peers themselves must tell.
    /// </param>
    public IReadOnlyList<string> ComplaintsAbout(int from, params int[] to)
    {
        string sent = $"bgp && (ip.src == {BgpNetwork.Address(from)} || ipv6.src == {BgpNetwork.Address6(from)})";
        if (to.Length != 0)
        {
            sent += $" && ({string.Join(" || ", to.Select(number => $"ip.dst == {BgpNetwork.Address(number)}"))})";
        }

        if (Decode(sent, "frame.number").Count == 0)
        {
            return [$"speaker {from} has sent nothing"];
        }

        return [.. Decode($"{sent} && (_ws.malformed || _ws.expert.severity == \"Error\")", "frame.number", "_ws.expert.message", "bgp.type")
            .Select(row => string.Join(' ', row))];
    }

    /// <summary>How many messages of a type speaker <paramref name="from"/> has sent to <paramref name="to"/>.</summary>
    public int Count(int from, int to, int type) => Decode(
            $"bgp.type == {type.ToString(CultureInfo.InvariantCulture)} && ip.src == {BgpNetwork.Address(from)} && ip.dst == {BgpNetwork.Address(to)}", "bgp.type")
        .Sum(row => row[0].Split(',').Count(value => value == type.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The frames in which one speaker withdraws routes by MP_UNREACH_NLRI from another. An End-of-RIB, of three octets, is none.</summary>
    public IReadOnlyList<string> Withdrawals(int from, int to) =>
    [
        .. Decode($"ip.src == {BgpNetwork.Address(from)} && ip.dst == {BgpNetwork.Address(to)} && bgp.update.path_attribute.mp_unreach_nlri",
                "frame.number", "bgp.update.path_attribute.type_code", "bgp.update.path_attribute.length")
            .Where(row => row[1].Split(',').Zip(row[2].Split(',')).Any(attribute => attribute is { First: "15", Second: not "3" }))
            .Select(row => row[0]),
    ];

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _marker.Dispose();
    }

    private string Dissect(string displayFilter, IEnumerable<string> output)
    {
        Flush();
        return Command.Run(["tshark", "-n", "-r", _path, "-o", "tcp.reassemble_out_of_order:TRUE", "-d", BmpPort, "-Y", displayFilter, .. output],
            TimeSpan.FromMinutes(1)).Output;
    }

    /// <summary>Waits until all that has passed is in the file: a datagram that passes last is there as well.</summary>
    private void Flush()
    {
        byte[] mark = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"mark {++_marks} of {_path}."));
        _ = _marker.SendTo(mark, new IPEndPoint(IPAddress.Loopback, MarkPort));
        Wait.Until("the capture to hold all that has passed", () =>
        {
            using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            long length = file.Length;
            file.Position = _searched;
            byte[] octets = new byte[length - _searched];
            file.ReadExactly(octets);
            _searched = Math.Max(_searched, length - mark.Length);
            return octets.AsSpan().IndexOf(mark) >= 0;
        });
    }
}

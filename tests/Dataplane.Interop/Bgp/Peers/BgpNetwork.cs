using System.Globalization;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>
/// A network of BGP speakers: one namespace whose loopback carries an IPv4 and an IPv6 address for each, so that every one has
/// port 179 at an address of its own.
/// </summary>
public sealed class BgpNetwork : IDisposable
{
    private readonly List<int> _ours = [];
    private BgpCapture? _capture;

    /// <summary>Makes the network.</summary>
    /// <param name="speakers">How many there may be.</param>
    /// <param name="recorded">Whether all that is said is recorded, and what ours said judged by tshark at the end (<see cref="CaptureVerdict"/>).</param>
    public BgpNetwork(int speakers = 32, bool recorded = false)
    {
        Bed = new Testbed();
        try
        {
            Space = Bed.AddNamespace("bgp");
            string batch = Bed.WriteFile("addresses", string.Concat(Enumerable.Range(1, speakers)
                .Select(n => $"addr add {Address(n)}/32 dev lo\naddr add {Address6(n)}/128 dev lo nodad\n")));
            Space.Require("ip", "-batch", batch);
            if (recorded)
            {
                _ = Bed.Keep(new CaptureVerdict(Capture(), _ours));
            }
        }
        catch
        {
            Bed.Dispose();
            throw;
        }
    }

    public Testbed Bed { get; }

    public NetworkNamespace Space { get; }

    /// <summary>The IPv4 address of speaker <paramref name="number"/>, which is its router id as well.</summary>
    public static string Address(int number) => string.Create(CultureInfo.InvariantCulture, $"10.0.{number >> 8}.{number & 0xFF}");

    /// <summary>The IPv6 address of speaker <paramref name="number"/>.</summary>
    public static string Address6(int number) => string.Create(CultureInfo.InvariantCulture, $"fd00:0:0:1::{number:x}");

    /// <summary>A directory for the files of one speaker.</summary>
    public string Directory(string name) => System.IO.Directory.CreateDirectory(Path.Combine(Bed.ScratchDirectory, name)).FullName;

    /// <summary>Has the network dispose of a speaker before everything that was added earlier.</summary>
    public T Keep<T>(T speaker)
        where T : IDisposable => Bed.Keep(speaker);

    /// <summary>What the speakers say to each other, and to a BMP station; recorded from the first call on.</summary>
    public BgpCapture Capture() => _capture ??= Bed.Keep(new BgpCapture(this, Path.Combine(Bed.ScratchDirectory, "bgp.pcap")));

    /// <summary>Says that a speaker is one of ours, to be judged.</summary>
    public void AddOurs(int number) => _ours.Add(number);

    public void Dispose() => Bed.Dispose();
}

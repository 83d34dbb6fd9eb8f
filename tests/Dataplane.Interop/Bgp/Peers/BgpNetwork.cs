using System.Globalization;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>
/// A network of BGP speakers: one namespace whose loopback carries an IPv4 and an IPv6 address for each, so that every one has
/// port 179 at an address of its own.
/// </summary>
public sealed class BgpNetwork : IDisposable
{
    public BgpNetwork(int speakers = 32)
    {
        Bed = new Testbed();
        try
        {
            Space = Bed.AddNamespace("bgp");
            string batch = Bed.WriteFile("addresses", string.Concat(Enumerable.Range(1, speakers)
                .Select(n => $"addr add {Address(n)}/32 dev lo\naddr add {Address6(n)}/128 dev lo nodad\n")));
            Space.Require("ip", "-batch", batch);
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

    /// <summary>Starts to record what the speakers say to each other, and to a BMP station.</summary>
    public BgpCapture Capture(string name = "bgp", int? bmpPort = null) =>
        Bed.Keep(new BgpCapture(this, Path.Combine(Bed.ScratchDirectory, name + ".pcap"), bmpPort));

    public void Dispose() => Bed.Dispose();
}

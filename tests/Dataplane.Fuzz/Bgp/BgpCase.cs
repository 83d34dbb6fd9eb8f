using System.Globalization;

namespace Dataplane.Fuzz.Bgp;

/// <summary>A message and the session (see <see cref="BgpTarget"/>) that it comes over; a line of text.</summary>
/// <param name="Session">The number of the session.</param>
/// <param name="Message">The message, header included.</param>
internal sealed record BgpCase(int Session, byte[] Message)
{
    /// <summary>Reads the lines of a corpus file; lines that start with # say what the case is about.</summary>
    public static IEnumerable<BgpCase> Parse(string text) =>
        from line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        where !line.StartsWith('#')
        let columns = line.Split(' ')
        select new BgpCase(int.Parse(columns[0], CultureInfo.InvariantCulture), Convert.FromHexString(columns[1]));

    public override string ToString() => $"{Session.ToString(CultureInfo.InvariantCulture)} {Convert.ToHexStringLower(Message)}";
}

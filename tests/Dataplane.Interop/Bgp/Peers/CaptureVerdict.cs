using System.Globalization;

namespace Dataplane.Interop.Bgp.Peers;

/// <summary>
/// What tshark says, at the end of a network, of all that our speakers sent in it: no message may be malformed or otherwise an error. Of sessions in
/// which we offered path identifiers (RFC 7911) it says nothing: from a capture tshark only guesses whether NLRI have them, and sometimes wrongly.
/// </summary>
/// <param name="capture">Still recording.</param>
/// <param name="ours">Our speakers.</param>
internal sealed class CaptureVerdict(BgpCapture capture, IReadOnlyCollection<int> ours) : IDisposable
{
    private const string AddPath = "69";

    /// <summary>Gives the verdict, when all speakers have been ended.</summary>
    /// <exception cref="InvalidOperationException">Something was wrong.</exception>
    public void Dispose()
    {
        if (ours.Count == 0)
        {
            return;
        }

        string sent = string.Join(" || ", ours.Select(number => $"ip.src == {BgpNetwork.Address(number)} || ipv6.src == {BgpNetwork.Address6(number)}"));
        List<string[]> rows = capture.Decode($"bgp && ({sent}) && (_ws.malformed || _ws.expert.severity == \"Error\" || bgp.cap.type == {AddPath})",
            "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "bgp.cap.type", "frame.number", "bgp.type", "_ws.expert.message");
        HashSet<string> guessed = [.. rows.Where(row => row[4].Split(',').Contains(AddPath)).Select(Session)];
        string[] complaints = [.. rows.Where(row => !guessed.Contains(Session(row))).Select(row => string.Join(' ', row).Trim())];
        if (complaints.Length != 0)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"tshark has something against {complaints.Length} frames that we sent:\n{string.Join('\n', complaints.Take(20))}"));
        }
    }

    private static string Session(string[] row) => string.Join(' ', row.Take(4));
}

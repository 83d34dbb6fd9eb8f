using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Dataplane.EndToEnd.Lab;

/// <summary>What came of a series of echo requests.</summary>
/// <param name="Received">Replies received.</param>
/// <param name="Text">Everything ping printed.</param>
public sealed record PingResult(int Received, string Text);

/// <summary>A tenant's host: a kernel IP stack in its own namespace with one interface, eth0.</summary>
public sealed partial class Guest
{
    /// <param name="space">The host's namespace; eth0 may be added later.</param>
    /// <param name="address4">IPv4 address with prefix length.</param>
    /// <param name="address6">IPv6 address with prefix length.</param>
    /// <param name="gateway4">Default gateway; a link-local one makes the point-to-point model of FWD-15.</param>
    public Guest(NetworkNamespace space, string address4, string address6, string gateway4 = "169.254.0.1")
    {
        Space = space;
        (Prefix4, Prefix6, Gateway4) = (address4, address6, gateway4);
    }

    public NetworkNamespace Space { get; }

    public string Prefix4 { get; }

    public string Prefix6 { get; }

    public string Gateway4 { get; }

    public string Address4 => Prefix4.Split('/')[0];

    public string Address6 => Prefix6.Split('/')[0];

    /// <summary>The address of the given family, 4 or 6.</summary>
    public string Address(int family) => family == 4 ? Address4 : Address6;

    /// <summary>Gives eth0 its addresses and routes.</summary>
    public void Configure()
    {
        Space.Require("ip", "link", "set", "eth0", "up");
        Space.Require("ip", "addr", "add", Prefix4, "dev", "eth0");
        Space.Require("ip", "addr", "add", Prefix6, "dev", "eth0", "nodad");
        if (Gateway4.StartsWith("169.254.", StringComparison.Ordinal))
        {
            Space.Require("ip", "route", "add", Gateway4, "dev", "eth0");
        }

        Space.Require("ip", "route", "add", "default", "via", Gateway4, "dev", "eth0");
        Space.Require("ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "eth0");
    }

    /// <summary>Moves a tap that a forwarder made into this host, as its eth0, and configures it.</summary>
    public void TakeTap(NetworkNamespace from, string name)
    {
        from.Require("ip", "link", "set", name, "netns", Space.Name, "name", "eth0");
        Configure();
    }

    /// <summary>
    /// Sends echo requests, the next when the last was answered or given up. One run of ping each: of a longer run it waits
    /// properly for the first reply only.
    /// </summary>
    public PingResult Ping(string target, int count = 3, params string[] options)
    {
        int received = 0;
        StringBuilder text = new();
        for (int i = 0; i < count; i++)
        {
            CommandResult result = Space.Run(["ping", "-n", "-c", "1", "-W", "10", .. options, target]);
            received += result.ExitCode == 0 ? 1 : 0;
            _ = text.Append(result.All);
        }

        return new PingResult(received, text.ToString());
    }

    /// <summary>Requires that three echo requests are answered.</summary>
    /// <param name="target">Whom it asks.</param>
    /// <param name="circumstances">What to tell beside the requests where one is not.</param>
    public void RequireReach(string target, Func<string> circumstances)
    {
        PingResult ping = Ping(target);
        if (ping.Received != 3)
        {
            throw new InvalidOperationException($"{target} from {Address4}: {ping.Received} of 3 answered: {ping.Text}\n{circumstances()}");
        }
    }

    /// <summary>How many of two echo requests, a second of patience each, are answered where none should be.</summary>
    public int PingInVain(string target) => Ping(target, count: 2, "-W", "1").Received;

    /// <summary>The interface's hardware address.</summary>
    public string MacAddress => Space.Require("cat", "/sys/class/net/eth0/address").Trim();

    /// <summary>The hardware address that the host's neighbour cache holds for an address, or "" for none.</summary>
    public string NeighborOf(string address)
    {
        Match entry = LinkLayerAddress().Match(Space.Require("ip", "neigh", "show", "to", address, "dev", "eth0"));
        return entry.Success ? entry.Groups[1].Value : "";
    }

    public Process Start(string log, params string[] commandLine) => Space.Start(log, commandLine);

    [GeneratedRegex("lladdr (\\S+)")]
    private static partial Regex LinkLayerAddress();
}

using System.Text.Json;

namespace Dataplane.Host.Management.Show;

/// <summary>Answers about end-systems as text for people.</summary>
internal static class SignalingRendering
{
    /// <summary><c>show xmpp sessions</c>.</summary>
    public static string Sessions(JsonElement answer)
    {
        var table = new TextTable("End-system", "State", "Age", "Remote", "Profile", "Infrastructure", "Subs", "Pubs", "Pending", "Stale", "Pings", "Queued");
        foreach (JsonElement session in answer.GetProperty("sessions").EnumerateArray())
        {
            table.Add(Rendering.Of(session, "client"), Rendering.Of(session, "state"), Rendering.Duration(session.GetProperty("age").GetDouble()),
                Rendering.Of(session, "remote"), Rendering.Of(session, "profile"), Rendering.List(session, "infrastructure"), Rendering.Of(session, "subscriptions"),
                Rendering.Of(session, "publications"), Rendering.Of(session, "pending"), Rendering.Of(session, "stale"),
                Rendering.Of(session, "unansweredPings"), Rendering.Of(session, "queuedBytes"));
        }

        return table + Rendering.More(answer);
    }

    /// <summary><c>show xmpp subscriptions</c>.</summary>
    public static string Subscriptions(JsonElement answer)
    {
        var table = new TextTable("End-system", "VPN", "VRF", "Age", "Told", "");
        foreach (JsonElement subscription in answer.GetProperty("subscriptions").EnumerateArray())
        {
            table.Add(Rendering.Of(subscription, "client"), Rendering.Of(subscription, "vpn"), Rendering.Of(subscription, "vrf"),
                Rendering.Duration(subscription.GetProperty("age").GetDouble()), Rendering.Of(subscription, "told"),
                subscription.GetProperty("stale").GetBoolean() ? "stale" : subscription.GetProperty("behind").GetBoolean() ? "behind" : "");
        }

        return table + Rendering.More(answer);
    }

    /// <summary><c>show xmpp publications</c>.</summary>
    public static string Publications(JsonElement answer)
    {
        var table = new TextTable("End-system", "VPN", "Prefix", "Next hop", "Label", "Version", "RD", "Node", "");
        foreach (JsonElement publication in answer.GetProperty("publications").EnumerateArray())
        {
            table.Add(Rendering.Of(publication, "client"), Rendering.Of(publication, "vpn"), Rendering.Of(publication, "prefix"), Rendering.Of(publication, "nextHop"),
                Rendering.Of(publication, "label"), Rendering.Of(publication, "version"), Rendering.Of(publication, "distinguisher"), Rendering.Of(publication, "node"),
                publication.GetProperty("stale").GetBoolean() ? "stale" : Rendering.Of(publication, "vpn") is null ? "pending" : "");
        }

        return table + Rendering.More(answer);
    }

    /// <summary><c>show xmpp end-systems</c>.</summary>
    public static string EndSystems(JsonElement answer)
    {
        var table = new TextTable("Name", "Origin", "VPN", "VRF", "Instance", "May publish", "Subscribe");
        foreach (JsonElement system in answer.GetProperty("endSystems").EnumerateArray())
        {
            var name = Rendering.Of(system, "name");
            var origin = Rendering.Of(system, "origin");
            foreach (JsonElement vpn in system.GetProperty("vpns").EnumerateArray())
            {
                table.Add(name, origin, Rendering.Of(vpn, "vpn"), Rendering.Of(vpn, "vrf") ?? Rendering.Of(vpn, "vpn"), Rendering.Of(vpn, "instance") ?? "auto",
                    Rendering.List(vpn, "prefixes") ?? "nothing", vpn.GetProperty("subscribe").GetBoolean() ? "yes" : "no");
                (name, origin) = ("", "");
            }

            if (system.GetProperty("vpns").GetArrayLength() == 0)
            {
                table.Add(name, origin, "", "", "", "", "");
            }
        }

        return table + Rendering.More(answer);
    }
}

using System.Buffers;
using System.Text.Json;
using Dataplane.Net;
using Dataplane.Xmpp.Journals;

namespace Dataplane.Xmpp.Gateway;

/// <summary>
/// A subscription of a client as a gateway remembers it over its own restart: it is a member of its VRF again before the client is back, so that RT-Constraint
/// asks BGP peers for the same routes as before from the beginning of their sessions.
/// </summary>
/// <param name="Client">The client's bare address.</param>
/// <param name="Proved">The infrastructure addresses that its certificate proved.</param>
/// <param name="Node">The VPN, or its flow specifications.</param>
/// <param name="Instance">The instance id that the client said for the VPN; null: none (AMB-19).</param>
internal sealed record RememberedSubscription(Jid Client, IReadOnlyList<IpAddress> Proved, string Node, ushort? Instance)
{
    private const string NodeKey = "subscription";

    /// <summary>Appends a line.</summary>
    /// <param name="into">Takes it.</param>
    /// <param name="isGone">Whether the line says that it has gone.</param>
    public void Write(IBufferWriter<byte> into, bool isGone) => ClientLine.Write(into, Client, json =>
    {
        json.WriteString(NodeKey, Node);
        if (isGone)
        {
            json.WriteBoolean("gone", true);
        }
        else
        {
            ClientLine.WriteProof(json, Proved, Instance);
        }
    });

    /// <summary>Whether a line is about a subscription.</summary>
    public static bool IsOne(JsonElement json) => json.TryGetProperty(NodeKey, out _);

    /// <summary>Reads a line for which <see cref="IsOne"/> is true.</summary>
    /// <param name="json">The line; <see cref="JournalLine.TryRead"/> says what is thrown for one that is not as it should be.</param>
    /// <param name="isGone">Whether it has gone.</param>
    public static RememberedSubscription Read(JsonElement json, out bool isGone)
    {
        isGone = json.TryGetProperty("gone", out _);
        return new(
            ClientLine.Client(json),
            isGone ? [] : ClientLine.Proved(json),
            json.GetProperty(NodeKey).GetString()!,
            ClientLine.Instance(json));
    }
}

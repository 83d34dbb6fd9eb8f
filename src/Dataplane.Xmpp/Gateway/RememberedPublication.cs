using System.Buffers;
using System.Text.Json;
using Dataplane.Net;
using Dataplane.Xmpp.Journals;
using Dataplane.Xmpp.PubSub;

namespace Dataplane.Xmpp.Gateway;

/// <summary>A publication of a client as a gateway remembers it over its own restart: all that the route and its distinguisher follow from.</summary>
internal sealed record RememberedPublication
{
    /// <summary>The client's bare address.</summary>
    public required Jid Client { get; init; }

    /// <summary>The infrastructure addresses that its certificate proved.</summary>
    public IReadOnlyList<IpAddress> Proved { get; init; } = [];

    /// <summary>Its name.</summary>
    public required LeafKey Key { get; init; }

    /// <summary>The VPN it is in.</summary>
    public required string Vpn { get; init; }

    /// <summary>The instance id that the client said for the VPN; null: none (AMB-19).</summary>
    public ushort? Instance { get; init; }

    /// <summary>What was published.</summary>
    public required VpnEntry Entry { get; init; }

    /// <summary>Whether it was remembered for too long to be in force, and has only been waited for since.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>Appends a line.</summary>
    public void Write(IBufferWriter<byte> into) => ClientLine.Write(into, Client, json =>
    {
        WriteKey(json, Key);
        ClientLine.WriteProof(json, Proved, Instance);
        json.WriteString("vpn", Vpn);
        json.WriteString("prefix", Entry.Prefix.ToString());
        json.WriteStartArray("next-hops");
        foreach (EntryNextHop hop in Entry.NextHops)
        {
            json.WriteStartArray();
            json.WriteStringValue(hop.Address.ToString());
            json.WriteNumberValue(hop.Label?.Value ?? 0);
            json.WriteNumberValue((byte)hop.Encapsulations);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteNumber("version", Entry.Version);
        ClientLine.WriteNumber(json, "preference", Entry.LocalPreference);
        ClientLine.WriteNumber(json, "vlan", Entry.Vlan);
        if (IsAwaited)
        {
            json.WriteBoolean("awaited", true);
        }
    });

    /// <summary>Appends a line that says that a publication has gone.</summary>
    public static void WriteGone(IBufferWriter<byte> into, Jid client, LeafKey key) => ClientLine.Write(into, client, json => WriteKey(json, key));

    /// <summary>Reads a line.</summary>
    /// <param name="json">The line; <see cref="JournalLine.TryRead"/> says what is thrown for one that is about no publication.</param>
    /// <param name="client">Whose publication it is about.</param>
    /// <param name="key">Which.</param>
    /// <returns>What it is from now on; null: it has gone.</returns>
    public static RememberedPublication? Read(JsonElement json, out Jid client, out LeafKey key)
    {
        client = ClientLine.Client(json);
        key = new(json.GetProperty("node").GetString()!, json.TryGetProperty("item", out JsonElement item) ? item.GetString() : null);
        return !json.TryGetProperty("vpn", out JsonElement vpn) ? null : new()
        {
            Client = client,
            Key = key,
            Vpn = vpn.GetString()!,
            Proved = ClientLine.Proved(json),
            Instance = ClientLine.Instance(json),
            IsAwaited = json.TryGetProperty("awaited", out _),
            Entry = new()
            {
                Prefix = IpPrefix.Parse(json.GetProperty("prefix").GetString()!),
                NextHops = [.. json.GetProperty("next-hops").EnumerateArray().Select(static hop =>
                    new EntryNextHop(IpAddress.Parse(hop[0].GetString()!), new Label20(hop[1].GetUInt32()), (TunnelEncapsulations)hop[2].GetByte()))],
                Version = json.GetProperty("version").GetUInt32(),
                LocalPreference = json.TryGetProperty("preference", out JsonElement preference) ? preference.GetUInt32() : null,
                Vlan = json.TryGetProperty("vlan", out JsonElement vlan) ? vlan.GetUInt16() : null,
            },
        };
    }

    private static void WriteKey(Utf8JsonWriter json, LeafKey key)
    {
        json.WriteString("node", key.Node);
        if (key.Item is { } item)
        {
            json.WriteString("item", item);
        }
    }
}

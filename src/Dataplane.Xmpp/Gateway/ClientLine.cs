using System.Buffers;
using System.Text.Json;
using Dataplane.Net;
using Dataplane.Xmpp.Journals;

namespace Dataplane.Xmpp.Gateway;

/// <summary>What the lines of a <see cref="PublicationJournal"/> have in common: each is about something of a client.</summary>
internal static class ClientLine
{
    /// <summary>Appends a line, with its line feed.</summary>
    /// <param name="into">Takes it.</param>
    /// <param name="client">Whom it is about.</param>
    /// <param name="rest">Writes the other properties.</param>
    public static void Write(IBufferWriter<byte> into, Jid client, Action<Utf8JsonWriter> rest) => JournalLine.Write(into, json =>
    {
        json.WriteString("client", client.ToString());
        rest(json);
    });

    /// <summary>Writes what a client's session told of it: the addresses that its certificate proved, and the instance id of the VPN.</summary>
    public static void WriteProof(Utf8JsonWriter json, IReadOnlyList<IpAddress> proved, ushort? instance)
    {
        json.WriteStartArray("proved");
        foreach (IpAddress address in proved)
        {
            json.WriteStringValue(address.ToString());
        }

        json.WriteEndArray();
        WriteNumber(json, "instance", instance);
    }

    /// <summary>Writes a number that is there.</summary>
    public static void WriteNumber(Utf8JsonWriter json, string name, uint? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    /// <summary>Whom the line is about.</summary>
    public static Jid Client(JsonElement json) => Jid.Parse(json.GetProperty("client").GetString()!);

    /// <summary>The addresses that the client's certificate proved.</summary>
    public static IReadOnlyList<IpAddress> Proved(JsonElement json) =>
        [.. json.GetProperty("proved").EnumerateArray().Select(static address => IpAddress.Parse(address.GetString()!))];

    /// <summary>The instance id; null: none.</summary>
    public static ushort? Instance(JsonElement json) => json.TryGetProperty("instance", out JsonElement instance) ? instance.GetUInt16() : null;
}

using System.Buffers;
using System.Text.Json;

namespace Dataplane.Xmpp.Journals;

/// <summary>A line of a <see cref="JournalFile"/>: a JSON object. What reads an element throws one of the exceptions that <see cref="TryRead"/> takes for a line that says nothing.</summary>
internal static class JournalLine
{
    /// <summary>Appends a line, with its line feed.</summary>
    /// <param name="into">Takes it.</param>
    /// <param name="properties">Writes its properties.</param>
    public static void Write(IBufferWriter<byte> into, Action<Utf8JsonWriter> properties)
    {
        using (var json = new Utf8JsonWriter(into))
        {
            json.WriteStartObject();
            properties(json);
            json.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without its line feed.</param>
    /// <param name="read">Reads the object.</param>
    /// <param name="problem">Why nothing was read.</param>
    /// <returns>False for a line that is not whole or says nothing that we know.</returns>
    public static bool TryRead(string line, Action<JsonElement> read, out string? problem)
    {
        problem = null;
        try
        {
            using var document = JsonDocument.Parse(line);
            read(document.RootElement);
            return true;
        }
        catch (Exception defect) when (defect is JsonException or FormatException or ArgumentException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            problem = defect.Message;
            return false;
        }
    }
}

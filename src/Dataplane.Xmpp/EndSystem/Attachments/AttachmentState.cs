using System.Buffers;
using System.Text;
using System.Text.Json;
using Dataplane.Net;
using Dataplane.Xmpp.Journals;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>
/// What outlives a restart of the agent: interfaces with their VLANs, versions and leaves, and the versions of addresses that have gone. A line of JSON for
/// each change, the first one of all names the format. The format before, one JSON object of everything, is read too.
/// </summary>
public static class AttachmentState
{
    private const int Whole = 1;
    private const int Lines = 2;
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Writes the state of a table.</summary>
    /// <param name="into">Takes the lines.</param>
    /// <param name="table">The table.</param>
    /// <returns>How many lines.</returns>
    public static int WriteAll(IBufferWriter<byte> into, AttachmentTable table)
    {
        JournalLine.Write(into, static json => json.WriteNumber("format", Lines));
        foreach (VersionEntry entry in table.Versions.Entries)
        {
            Write(into, "address", new Version { Vpn = entry.Vpn, Prefix = entry.Prefix.ToString(), Highest = entry.Version });
        }

        foreach (Attachment attachment in table.All)
        {
            Write(into, "interface", Describe(attachment));
        }

        return 1 + table.Versions.Entries.Count + table.All.Count;
    }

    /// <summary>Writes a line about an interface that is there, or another than before, or has gone.</summary>
    /// <param name="into">Takes the line.</param>
    /// <param name="table">The table.</param>
    /// <param name="id">Name of the interface.</param>
    public static void WriteChange(IBufferWriter<byte> into, AttachmentTable table, string id)
    {
        if (table.Find(id) is { } attachment)
        {
            Write(into, "interface", Describe(attachment));
        }
        else
        {
            Write(into, "gone", id);
        }
    }

    /// <summary>Fills an empty table. An interface that contradicts another one is left out and told.</summary>
    /// <param name="octets">What was written. A last line that is not whole was not kept when the program ended, and is passed over.</param>
    /// <param name="table">The table.</param>
    /// <param name="leftOut">Told of each interface that is left out, and why.</param>
    /// <exception cref="FormatException">The octets are no state.</exception>
    public static void Read(ReadOnlySpan<byte> octets, AttachmentTable table, Action<string, AttachmentProblem> leftOut)
    {
        var end = octets.IndexOf((byte)'\n');
        var found = new Found();
        if (end >= 0 && IsHeading(Encoding.UTF8.GetString(octets[..end])))
        {
            ReadLines(octets[(end + 1)..], found);
        }
        else
        {
            ReadWhole(octets, found);
        }

        foreach (Interface kept in found.Interfaces.Values)
        {
            var request = new AttachmentRequest
            {
                Id = kept.Id,
                Vpn = kept.Vpn,
                Port = kept.Port,
                Device = kept.Device,
                Vlan = kept.Vlan,
                Mac = kept.Mac is { } mac ? MacAddress.Parse(mac) : null,
                Addresses = [.. kept.Addresses.Select(static address => IpPrefix.Parse(address.Prefix))],
                Version = kept.Version,
            };

            // Judged like a new one: the configuration may be another now.
            if (table.Plan(request, out Attachment? planned) is { } problem)
            {
                leftOut(kept.Id, problem);
                continue;
            }

            _ = table.Set(planned! with
            {
                Addresses = [.. kept.Addresses.Select(static address => new AttachedAddress(IpPrefix.Parse(address.Prefix), address.Leaf))],
            });
        }

        // After the interfaces: an address may have had a higher version than the interface has that it came back to when another could not be kept.
        foreach (VersionEntry version in found.Versions)
        {
            table.Versions.Raise(version.Vpn, version.Prefix, version.Version);
        }
    }

    private static void Write<T>(IBufferWriter<byte> into, string name, T value) => JournalLine.Write(into, json =>
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, value, Options);
    });

    private static bool IsHeading(string line)
    {
        var format = 0;
        return JournalLine.TryRead(line, json => format = json.GetProperty("format").GetInt32(), out _) && format == Lines;
    }

    private static void ReadLines(ReadOnlySpan<byte> rest, Found found)
    {
        for (var number = 2; rest.IndexOf((byte)'\n') is >= 0 and var end; number++)
        {
            if (!JournalLine.TryRead(Encoding.UTF8.GetString(rest[..end]), found.Take, out var problem))
            {
                throw new FormatException($"line {number}: {problem}");
            }

            rest = rest[(end + 1)..];
        }
    }

    private static void ReadWhole(ReadOnlySpan<byte> octets, Found found)
    {
        try
        {
            File file = JsonSerializer.Deserialize<File>(octets, Options) ?? throw new FormatException("it is empty");
            if (file.Format != Whole)
            {
                throw new FormatException(file.Format == Lines ? "it ends within its first line" : $"its format is {file.Format}; {Whole} and {Lines} are known");
            }

            foreach (Interface one in file.Interfaces)
            {
                found.Take(one);
            }

            foreach (Version version in file.Versions)
            {
                found.Take(version);
            }
        }
        catch (JsonException problem)
        {
            throw new FormatException(problem.Message, problem);
        }
    }

    private static Interface Describe(Attachment attachment) => new()
    {
        Id = attachment.Id,
        Vpn = attachment.Vpn,
        Port = attachment.Device is null ? attachment.Port : null,
        Device = attachment.Device,
        Vlan = attachment.Vlan,
        Mac = attachment.Mac?.ToString(),
        Version = attachment.Version,
        Addresses = [.. attachment.Addresses.Select(static address => new Address { Prefix = address.Prefix.ToString(), Leaf = address.Leaf })],
    };

    private sealed class Found
    {
        public OrderedDictionary<string, Interface> Interfaces { get; } = [];

        // In the order in which addresses were used.
        public List<VersionEntry> Versions { get; } = [];

        public void Take(JsonElement json)
        {
            if (json.TryGetProperty("gone", out JsonElement gone))
            {
                _ = Interfaces.Remove(gone.GetString()!);
            }
            else if (json.TryGetProperty("address", out JsonElement address))
            {
                Take(address.Deserialize<Version>(Options)!);
            }
            else
            {
                Take(json.GetProperty("interface").Deserialize<Interface>(Options)!);
            }
        }

        public void Take(Interface one)
        {
            foreach (Address address in one.Addresses)
            {
                Versions.Add(new(one.Vpn, IpPrefix.Parse(address.Prefix), one.Version));
            }

            Interfaces[one.Id] = one;
        }

        public void Take(Version version) => Versions.Add(new(version.Vpn, IpPrefix.Parse(version.Prefix), version.Highest));
    }

    private sealed record File
    {
        public int Format { get; init; }

        public IReadOnlyList<Interface> Interfaces { get; init; } = [];

        public IReadOnlyList<Version> Versions { get; init; } = [];
    }

    private sealed record Interface
    {
        public required string Id { get; init; }

        public required string Vpn { get; init; }

        public string? Port { get; init; }

        public string? Device { get; init; }

        public ushort? Vlan { get; init; }

        public string? Mac { get; init; }

        public uint Version { get; init; }

        public IReadOnlyList<Address> Addresses { get; init; } = [];
    }

    private sealed record Address
    {
        public required string Prefix { get; init; }

        public required string Leaf { get; init; }
    }

    private sealed record Version
    {
        public required string Vpn { get; init; }

        public required string Prefix { get; init; }

        public uint Highest { get; init; }
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Dataplane.Net;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>What outlives a restart of the agent, as JSON: interfaces with their VLANs, versions and leaves, and the versions of addresses that have gone.</summary>
public static class AttachmentState
{
    private const int Format = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Writes the state of a table.</summary>
    public static byte[] Write(AttachmentTable table) => JsonSerializer.SerializeToUtf8Bytes(
        new File
        {
            Format = Format,
            Interfaces = [.. table.All.Select(static attachment => new Interface
            {
                Id = attachment.Id,
                Vpn = attachment.Vpn,
                Port = attachment.Port,
                Vlan = attachment.Vlan,
                Mac = attachment.Mac?.ToString(),
                Version = attachment.Version,
                Addresses = [.. attachment.Addresses.Select(static address => new Address { Prefix = address.Prefix.ToString(), Leaf = address.Leaf })],
            })],
            Versions = [.. table.Versions.Entries.Select(static entry => new Version { Vpn = entry.Vpn, Prefix = entry.Prefix.ToString(), Highest = entry.Version })],
        },
        Options);

    /// <summary>Fills an empty table. An interface that contradicts another one is left out and told.</summary>
    /// <param name="octets">From <see cref="Write"/>.</param>
    /// <param name="table">The table.</param>
    /// <param name="leftOut">Told of each interface that is left out, and why.</param>
    /// <exception cref="FormatException">The octets are no state.</exception>
    public static void Read(ReadOnlySpan<byte> octets, AttachmentTable table, Action<string, AttachmentProblem> leftOut)
    {
        File file;
        try
        {
            file = JsonSerializer.Deserialize<File>(octets, Options) ?? throw new FormatException("it is empty");
        }
        catch (JsonException problem)
        {
            throw new FormatException(problem.Message, problem);
        }

        if (file.Format != Format)
        {
            throw new FormatException($"its format is {file.Format}, not {Format}");
        }

        foreach (Version version in file.Versions)
        {
            table.Versions.Raise(version.Vpn, IpPrefix.Parse(version.Prefix), version.Highest);
        }

        foreach (Interface kept in file.Interfaces)
        {
            var request = new AttachmentRequest
            {
                Id = kept.Id,
                Vpn = kept.Vpn,
                Port = kept.Port,
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

namespace Dataplane.Bgp.Settings;

/// <summary>Dumps in the MRT format (RFC 6396, RFC 8050). File names are patterns in the fashion of <c>strftime</c>: %Y %m %d %H %M %S, UTC.</summary>
public sealed record MrtSettings
{
    /// <summary>The directory of the dumps.</summary>
    public required string Directory { get; init; }

    /// <summary>The pattern of the files of messages and state changes; absent: messages are not dumped.</summary>
    public string? MessageFile { get; init; }

    /// <summary>Whether messages that peers are sent are dumped too, as records of local messages (RFC 6396 §4.4.5).</summary>
    public bool SentMessages { get; init; }

    /// <summary>The pattern of the files of table dumps; absent: tables are not dumped on a schedule.</summary>
    public string? TableFile { get; init; }

    /// <summary>How long one file of messages is written; files change at multiples of it.</summary>
    public TimeSpan MessageRotation { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many octets a file of messages may reach before the next one is begun.</summary>
    public long MessageFileBytes { get; init; } = 256L << 20;

    /// <summary>How often the tables are dumped; zero: only on request.</summary>
    public TimeSpan TableInterval { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How many octets wait to be written at most; records beyond them are dropped and counted.</summary>
    public int QueueBytes { get; init; } = 16 << 20;

    /// <summary>How many files of each kind are kept; 0: all.</summary>
    public int KeepFiles { get; init; }
}

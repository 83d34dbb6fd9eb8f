using System.Text.Json;

namespace Dataplane.Golden;

/// <summary>counters.json: equality with the expectation, and the identities that hold for any run.</summary>
internal static class CounterComparison
{
    /// <summary>Every path whose value differs, is missing, or is not expected.</summary>
    public static IReadOnlyList<string> Differences(JsonElement expected, JsonElement actual)
    {
        var found = new List<string>();
        Compare("", expected, actual, found);
        return found;
    }

    /// <summary>rx = tx + punted + dropped for both ledgers, and the sums by reason agree with them.</summary>
    public static IReadOnlyList<string> Violations(JsonElement counters)
    {
        var found = new List<string>();
        long punted = 0, dropped = 0;
        foreach (var ledger in counters.GetProperty("ledger").EnumerateObject())
        {
            long Row(string name) => ledger.Value.GetProperty(name).GetInt64();
            punted += Row("punted");
            dropped += Row("dropped");
            if (Row("rx") != Row("tx") + Row("punted") + Row("dropped"))
            {
                found.Add($"ledger {ledger.Name}: rx {Row("rx")} is not tx {Row("tx")} + punted {Row("punted")} + dropped {Row("dropped")}");
            }
        }
        void Sum(string table, long total, string column)
        {
            var sum = counters.GetProperty(table).EnumerateObject().Sum(reason => reason.Value.GetInt64());
            if (sum != total)
            {
                found.Add($"{table} add up to {sum}, the ledgers say {total} {column}");
            }
        }
        Sum("drops", dropped, "dropped");
        Sum("punts", punted, "punted");
        var slow = counters.GetProperty("slowPath");
        var ends = slow.GetProperty("answered").GetInt64() + slow.GetProperty("forwarded").GetInt64() + slow.GetProperty("consumed").GetInt64()
            + slow.GetProperty("drops").EnumerateObject().Sum(reason => reason.Value.GetInt64());
        var held = slow.GetProperty("held").GetInt64();
        if (ends + held != punted)
        {
            found.Add($"slow path: {ends} packets came to an end and {held} are held, {punted} were punted");
        }
        var ports = counters.GetProperty("ports").EnumerateObject().ToArray();
        var received = counters.GetProperty("ledger").GetProperty("received").GetProperty("rx").GetInt64();
        var portReceived = ports.Sum(port => port.Value.GetProperty("rxPackets").GetInt64());
        if (received != portReceived)
        {
            found.Add($"ports received {portReceived}, the ledger says {received}");
        }
        return found;
    }

    private static void Compare(string path, JsonElement expected, JsonElement actual, List<string> found)
    {
        if (expected.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in expected.EnumerateObject())
            {
                var below = $"{path}/{property.Name}";
                if (actual.TryGetProperty(property.Name, out var value))
                {
                    Compare(below, property.Value, value, found);
                }
                else
                {
                    found.Add($"{below}: missing, expected {property.Value.GetRawText()}");
                }
            }
            found.AddRange(actual.EnumerateObject().Where(property => !expected.TryGetProperty(property.Name, out _))
                .Select(property => $"{path}/{property.Name}: {property.Value.GetRawText()}, not expected"));
        }
        else if (expected.GetRawText() != actual.GetRawText())
        {
            found.Add($"{path}: {actual.GetRawText()}, expected {expected.GetRawText()}");
        }
    }
}

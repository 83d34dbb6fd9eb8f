using System.Globalization;
using System.Text.Json;
using Dataplane.Forwarding;
using Dataplane.Forwarding.Control;
using Dataplane.Forwarding.Layout;
using Dataplane.Host.Configuration;
using Dataplane.Host.Forwarding;
using Dataplane.SlowPath;

namespace Dataplane.Host.Replay;

/// <summary>
/// <c>counters.json</c>: all counters of a replay, in an order that depends on the configuration alone. Ports, interfaces,
/// VRFs, labels and tunnels are listed always, reasons only when they occurred.
/// </summary>
internal static class CountersFile
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, IndentSize = 2, NewLine = "\n" };

    /// <summary>Writes the file.</summary>
    /// <param name="path">Its name; replaced when it is there.</param>
    /// <param name="tables">The datapath, which no worker is changing.</param>
    /// <param name="slowPath">The slow path's ledger.</param>
    public static void Write(string path, ForwardingTables tables, SlowPathCounters slowPath)
    {
        using FileStream stream = File.Create(path);
        Write(stream, tables, slowPath);
    }

    /// <summary>Writes it as UTF-8 with a final newline.</summary>
    public static void Write(Stream stream, ForwardingTables tables, SlowPathCounters slowPath)
    {
        DatapathCounters counters = tables.Datapath.ReadCounters();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            WriteLedgers(json, counters);
            WriteRows(json, tables, counters);
            WriteReasons(json, "drops", Enum.GetValues<DropReason>(), ReasonNames.Name, reason => counters.Drops[(int)reason]);
            WriteReasons(json, "punts", Enum.GetValues<PuntReason>(), ReasonNames.Name, reason => counters.Punts[(int)reason]);
            json.WriteStartObject("slowPath");
            json.WriteNumber("answered", slowPath.Answered);
            json.WriteNumber("forwarded", slowPath.Forwarded);
            json.WriteNumber("consumed", slowPath.Consumed);
            json.WriteNumber("held", slowPath.Held);
            WriteReasons(json, "drops", Enum.GetValues<SlowPathDropReason>(), SlowPathDropReasonNames.Name, slowPath.Drops);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    private static void WriteLedgers(Utf8JsonWriter json, DatapathCounters counters)
    {
        json.WriteStartObject("ledger");
        foreach ((string name, Ledger ledger) in new[] { ("received", counters.Received), ("injected", counters.Injected) })
        {
            json.WriteStartObject(name);
            json.WriteNumber("rx", ledger.Rx);
            json.WriteNumber("tx", ledger.Tx);
            json.WriteNumber("punted", ledger.Punted);
            json.WriteNumber("dropped", ledger.Dropped);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter json, ForwardingTables tables, DatapathCounters counters)
    {
        DataplaneConfiguration configuration = tables.Configuration;
        WriteTable(json, "ports", configuration.Ports, static port => port.Name, (_, row) =>
        {
            WritePair(json, "rx", counters.PortRx[row]);
            WritePair(json, "tx", counters.PortTx[row]);
        });
        WriteTable(json, "interfaces", configuration.Interfaces, static row => row.Name, (_, row) =>
        {
            WritePair(json, "rx", counters.InterfaceRx[row]);
            WritePair(json, "tx", counters.InterfaceTx[row]);
            json.WriteNumber("dropped", counters.InterfaceDrops[row]);
        });
        WriteTable(json, "vrfs", configuration.Vrfs, static vrf => vrf.Name, (_, row) =>
        {
            WritePair(json, "encapsulated", counters.VrfEncapsulated[row]);
            WritePair(json, "decapsulated", counters.VrfDecapsulated[row]);
            WritePair(json, "local", counters.VrfLocal[row]);
        });
        IEnumerable<(string, PacketCount)> labels = configuration.Interfaces
            .Select((row, index) => (row.Label.Value, counters.InterfaceLabels[index]))
            .Concat(configuration.Vrfs.Index().Where(static row => row.Item.Label is not null)
                .Select(row => (row.Item.Label!.Value.Value, counters.AggregateLabels[row.Index])))
            .Select(static row => (row.Item1.ToString(CultureInfo.InvariantCulture), row.Item2));
        WriteTable(json, "labels", [.. labels], static label => label.Item1, (label, _) => WriteCount(json, label.Item2));
        WriteTable(json, "tunnels", tables.Remotes, static remote => remote.Address.ToString(), (remote, _) =>
            WriteCount(json, remote.Tunnel is { } tunnel ? counters.Tunnels[tunnel.Value] : default));
    }

    private static void WriteTable<T>(
        Utf8JsonWriter json, string name, IReadOnlyList<T> rows, Func<T, string> nameOf, Action<T, int> write)
    {
        json.WriteStartObject(name);
        for (int i = 0; i < rows.Count; i++)
        {
            json.WriteStartObject(nameOf(rows[i]));
            write(rows[i], i);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, string prefix, PacketCount count)
    {
        json.WriteNumber(prefix + "Packets", count.Packets);
        json.WriteNumber(prefix + "Bytes", count.Bytes);
    }

    private static void WriteCount(Utf8JsonWriter json, PacketCount count)
    {
        json.WriteNumber("packets", count.Packets);
        json.WriteNumber("bytes", count.Bytes);
    }

    private static void WriteReasons<T>(
        Utf8JsonWriter json, string name, IEnumerable<T> reasons, Func<T, string> nameOf, Func<T, ulong> count)
    {
        json.WriteStartObject(name);
        foreach (T reason in reasons)
        {
            if (count(reason) is > 0 and var packets)
                json.WriteNumber(nameOf(reason), packets);
        }
        json.WriteEndObject();
    }
}

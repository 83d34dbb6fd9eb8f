using System.Text;

namespace Dataplane.Host.Management.Show;

/// <summary>Rows under headings, columns aligned: numbers to the right, all else to the left; two spaces between.</summary>
internal sealed class TextTable(params IReadOnlyList<string> headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; what is null is a hyphen.</summary>
    public void Add(params IReadOnlyList<string?> cells) => _rows.Add([.. cells.Select(static cell => string.IsNullOrEmpty(cell) ? "-" : cell)]);

    /// <summary>The table, each row ended by a line feed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        int[] widths = [.. headings.Select((heading, column) => Math.Max(heading.Length, _rows.Select(row => row[column].Length).DefaultIfEmpty().Max()))];
        bool[] right = [.. headings.Select((_, column) => _rows.Count > 0 && _rows.TrueForAll(row => row[column] == "-" || row[column].All(char.IsAsciiDigit)))];
        foreach (IReadOnlyList<string> row in (IEnumerable<IReadOnlyList<string>>)[headings, .. _rows])
        {
            IEnumerable<string> cells = row.Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            _ = text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}

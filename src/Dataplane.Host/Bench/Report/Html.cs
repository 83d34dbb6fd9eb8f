using System.Globalization;
using System.Xml.Linq;

namespace Dataplane.Host.Bench.Report;

/// <summary>Elements of the page. They are XML, so that nothing can be left unescaped; only void elements may be empty.</summary>
internal static class Html
{
    private const double Million = 1e6;

    /// <summary>An element; strings become attributes when they are pairs, everything else content.</summary>
    public static XElement E(string name, params object?[] content) => new(name, content);

    /// <summary>An attribute; numbers in invariant form.</summary>
    public static XAttribute A(string name, object value) =>
        new(name, value is double number ? N(number) : Convert.ToString(value, CultureInfo.InvariantCulture)!);

    /// <summary>A class attribute.</summary>
    public static XAttribute Class(string names) => new("class", names);

    /// <summary>A coordinate: two decimals at most.</summary>
    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A number in full, as <c>result.json</c> has it.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Millions with the digits that matter.</summary>
    public static string Mega(double perSecond) => Digits(perSecond / Million);

    /// <summary>About three digits that matter.</summary>
    public static string Digits(double value)
    {
        string format = Math.Abs(value) switch { 0 => "0", >= 100 => "0", >= 10 => "0.0", >= 1 => "0.00", >= 0.01 => "0.000", _ => "0.######" };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A share for people: 0 %, 0.0012 %.</summary>
    public static string Percent(double share) => share == 0 ? "0 %" : Digits(share * 100) + " %";

    /// <summary>A count with thin spaces between thousands.</summary>
    public static string Count(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u2009');

    /// <summary>A cell with a number that can be read back.</summary>
    public static XElement Number(string key, double value, string shown) =>
        E("td", Class("n"), A("data-key", key), new XAttribute("data-value", Exact(value)), shown);

    /// <summary>A cell.</summary>
    public static XElement Cell(object content, string? className = null) => E("td", className is null ? null : Class(className), content);

    /// <summary>A table with a caption; wide ones scroll by themselves.</summary>
    public static XElement Table(string caption, IEnumerable<string> columns, IEnumerable<XElement> rows) =>
        E("div", Class("scroll"), A("tabindex", 0), A("role", "region"), A("aria-label", caption),
            E("table", E("caption", caption),
                E("thead", E("tr", columns.Select(static column => E("th", A("scope", "col"), column)))),
                E("tbody", rows)));
}

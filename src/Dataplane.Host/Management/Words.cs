using System.Text;
using Dataplane.Bgp.Wire;
using Dataplane.Net;
using Dataplane.Routing;

namespace Dataplane.Host.Management;

/// <summary>How enumerations and numbers are written in answers: words in lower case with hyphens.</summary>
internal static class Words
{
    /// <summary><c>TreatAsWithdraw</c> as <c>treat-as-withdraw</c>; a number without a name in digits.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
            {
                _ = text.Append('-');
            }

            _ = text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>The names of families.</summary>
    public static IReadOnlyList<string> Of(FamilySet families)
    {
        var names = new List<string>();
        foreach (RouteFamily family in families)
        {
            names.Add(family.Name);
        }

        return names;
    }

    /// <summary>A BGP identifier, in dotted form.</summary>
    public static string RouterId(uint value) => new Ipv4Address(value).ToString();
}

using System.Text;

namespace Dataplane.Forwarding;

/// <summary>Names of drop and punt reasons as operators see them: the enum's words in kebab-case.</summary>
public static class ReasonNames
{
    /// <summary>Number of values of <see cref="DropReason"/>; the size of a counter column indexed by it.</summary>
    public const int DropReasonCount = (int)DropReason.FilterRateLimited + 1;

    /// <summary>Number of values of <see cref="PuntReason"/>; the size of a counter column indexed by it.</summary>
    public const int PuntReasonCount = (int)PuntReason.UnderlayLocal + 1;

    /// <summary>Operator-facing name of a drop reason, for example <c>no-route</c>.</summary>
    public static string Name(DropReason reason) => ToKebabCase(reason.ToString());

    /// <summary>Operator-facing name of a punt reason, for example <c>ttl-expired</c>.</summary>
    public static string Name(PuntReason reason) => ToKebabCase(reason.ToString());

    /// <summary>Turns <c>PascalCase</c> into <c>pascal-case</c>.</summary>
    public static string ToKebabCase(string pascalCase)
    {
        var text = new StringBuilder(pascalCase.Length + 4);
        foreach (char c in pascalCase)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}

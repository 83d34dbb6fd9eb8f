using System.Text;

namespace Dataplane.Xmpp;

/// <summary>Names of elements that follow from those of our enumerations.</summary>
internal static class ElementNames
{
    /// <summary><c>ItemNotFound</c> as <c>item-not-found</c>.</summary>
    public static string FromPascalCase(string name)
    {
        var text = new StringBuilder();
        foreach (char character in name)
        {
            if (char.IsUpper(character) && text.Length > 0)
            {
                _ = text.Append('-');
            }

            _ = text.Append(char.ToLowerInvariant(character));
        }

        return text.ToString();
    }
}

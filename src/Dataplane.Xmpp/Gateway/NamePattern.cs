namespace Dataplane.Xmpp.Gateway;

/// <summary>Names in which <c>*</c> stands for any characters.</summary>
internal static class NamePattern
{
    /// <summary>Whether a name matches a pattern.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, StringComparison comparison)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
        {
            return name.Equals(pattern, comparison);
        }

        if (!name.StartsWith(pattern[..star], comparison))
        {
            return false;
        }

        name = name[star..];
        pattern = pattern[(star + 1)..];
        for (var next = pattern.IndexOf('*'); next >= 0; next = pattern.IndexOf('*'))
        {
            var at = name.IndexOf(pattern[..next], comparison);
            if (at < 0)
            {
                return false;
            }

            name = name[(at + next)..];
            pattern = pattern[(next + 1)..];
        }

        return name.EndsWith(pattern, comparison);
    }
}

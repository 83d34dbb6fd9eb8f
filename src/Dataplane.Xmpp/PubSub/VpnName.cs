namespace Dataplane.Xmpp.PubSub;

/// <summary>What may be the name of a VPN (XMP-04, AMB-21).</summary>
public static class VpnName
{
    /// <summary>Longest name unless configured otherwise.</summary>
    public const int DefaultLength = 64;

    /// <summary>Longest name that can be configured.</summary>
    public const int MaxLength = 128;

    /// <summary>Whether a text is a name: printable ASCII without spaces, not empty, not too long. Case matters.</summary>
    public static bool IsValid(string text, int maxLength = DefaultLength)
    {
        if (text.Length == 0 || text.Length > maxLength)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (character is <= ' ' or > '~')
            {
                return false;
            }
        }

        return true;
    }
}

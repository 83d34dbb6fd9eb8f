using Dataplane.Host.Configuration.Values;

namespace Dataplane.Host.Configuration.Rules;

/// <summary>Sessions are authenticated unless the file says otherwise in so many words (SEC-07).</summary>
internal static class PeerSecretRules
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    /// <summary>Checks a peer or a range.</summary>
    public static void Check(RuleContext context, PeerView peer)
    {
        if (!peer.IsSound(static keys => keys.Authentication) || !peer.IsSound(static keys => keys.Password)
            || !peer.IsSound(static keys => keys.PasswordFile))
        {
            return;
        }

        var options = peer.Options;
        if (options is { Password: not null, PasswordFile: not null })
        {
            context.Error(peer.At(static keys => keys.PasswordFile), $"{peer.Name} has 'password' and 'password-file'; remove one of them");
        }
        else if (options.Authentication == SessionAuthentication.None)
        {
            if (options.Password is not null || options.PasswordFile is not null)
            {
                context.Error(peer.At(static keys => keys.Authentication), $"{peer.Name} has a secret and 'authentication: none'; remove one of them");
            }
            else
            {
                context.Warning(peer.At(static keys => keys.Authentication),
                    $"the session with {peer.Name} is not authenticated: who can send from its address can announce routes; set 'password' instead (SEC-07)");
            }
        }
        else if (options is { Password: null, PasswordFile: null })
        {
            context.Error(peer.Location, $"{peer.Name} needs 'password' or 'password-file' (TCP-MD5, SEC-07), here or in its group; without one, say 'authentication: none'");
        }
        else if (options.PasswordFile is { } file && context.Purpose == ConfigurationPurpose.Run)
        {
            CheckFile(context, peer, file);
        }
    }

    /// <summary>Reads a secret: the only line of a file.</summary>
    /// <returns>Null when it can be used; otherwise what is wrong with the file.</returns>
    public static string? ReadSecret(string path, out string secret)
    {
        secret = "";
        try
        {
            secret = File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return problem is FileNotFoundException or DirectoryNotFoundException ? "is not there" : $"cannot be read: {problem.Message.TrimEnd('.')}";
        }

        return secret.Contains('\n') ? "has several lines; it needs one, the secret" : SecretValue.WhyNot(secret);
    }

    private static void CheckFile(RuleContext context, PeerView peer, string file)
    {
        var path = context.PathOf(file);
        if (ReadSecret(path, out _) is { } reason)
        {
            context.Error(peer.At(static keys => keys.PasswordFile), $"the secret of {peer.Name}, {path}, {reason}");
        }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            context.Warning(peer.At(static keys => keys.PasswordFile), $"{path} can be read by everyone or written by others; chmod 600 it");
        }
    }
}

using System.Text;
using Dataplane.Host.Configuration.Kernel;
using Dataplane.Host.Configuration.Keys;
using Dataplane.Host.Configuration.Rules;
using Dataplane.Host.Configuration.Values;
using Dataplane.Host.Configuration.Yaml;
using Dataplane.Xmpp.Gateway;

namespace Dataplane.Host.Configuration;

/// <summary>
/// Reads a configuration file in three steps: YAML into a tree with positions (<see cref="YamlDocument"/>), the tree
/// into the model key by key (<see cref="RootKeys"/>), then the rules that span several keys
/// (<c>Configuration/Rules</c>). Each step reports all it finds; what had an error of its own is not judged further.
/// Thread-safe; keeps no state.
/// </summary>
internal static class ConfigurationLoader
{
    /// <summary>Loads a file. Never throws on account of the file or its contents.</summary>
    /// <param name="path">The file; also its name in diagnostics, as given.</param>
    /// <param name="purpose">What it is loaded for.</param>
    /// <param name="kernel">The machine to hold it against; null for this one.</param>
    public static ConfigurationResult Load(string path, ConfigurationPurpose purpose = ConfigurationPurpose.Run, IKernelView? kernel = null)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : $"cannot be read: {e.Message}";
            return new(null, [new(DiagnosticSeverity.Error, path, 0, 0, reason)]);
        }

        return Parse(bytes, path, purpose, kernel);
    }

    /// <inheritdoc cref="Parse(string, string, ConfigurationPurpose, IKernelView?)"/>
    public static ConfigurationResult Parse(ReadOnlySpan<byte> utf8, string file, ConfigurationPurpose purpose = ConfigurationPurpose.Run, IKernelView? kernel = null)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            return Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8), file, purpose, kernel);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(utf8[..Math.Clamp(e.Index, 0, utf8.Length)]);
            var line = 1 + before.AsSpan().Count('\n');
            var column = before.Length - before.LastIndexOf('\n');
            return new(null, [new(DiagnosticSeverity.Error, file, line, column, "the file is not UTF-8 from here on; save it with that encoding")]);
        }
    }

    /// <summary>Loads a text. Never throws on account of its contents.</summary>
    /// <param name="yaml">The contents of a file.</param>
    /// <param name="file">The file's name for diagnostics.</param>
    /// <param name="purpose">What it is loaded for.</param>
    /// <param name="kernel">The machine to hold it against; null for this one.</param>
    public static ConfigurationResult Parse(string yaml, string file, ConfigurationPurpose purpose = ConfigurationPurpose.Run, IKernelView? kernel = null)
    {
        var read = new ReadContext(new DiagnosticSink(file), new SourceMap());
        DataplaneConfiguration? configuration = null;
        if (YamlDocument.Read(yaml, read.Diagnostics) is { } root
            && RootKeys.Mapping.Read(root, "the file", read, out configuration) == ReadResult.Sound)
        {
            CheckRules(new RuleContext(configuration!, read, purpose, kernel ?? new LinuxKernelView(), file));
        }

        if (configuration is not null && !read.Diagnostics.HasErrors)
        {
            configuration = FillDependentDefaults(configuration, read.Source);
            configuration = configuration.Bgp is null ? configuration
                : configuration with { Bgp = PeerResolution.Resolve(configuration.Bgp, file, purpose, read.Diagnostics) };
        }

        IReadOnlyList<ConfigurationDiagnostic> findings = read.Diagnostics.ToList();
        if (!read.Diagnostics.HasErrors && configuration is { Xmpp: { } xmpp })
        {
            configuration = configuration with { Xmpp = Resolve(xmpp, file) };
            if (configuration.Xmpp.Provisioning is { } provisioning)
            {
                IReadOnlyList<EndSystemGrant>? more = ProvisioningFile.Load(provisioning, out IReadOnlyList<ConfigurationDiagnostic> others);
                findings = [.. findings, .. others];
                configuration = more is null ? null : configuration with { EndSystems = [.. configuration.EndSystems, .. more] };
            }
        }

        if (configuration is { Signaling: { } signaling })
        {
            configuration = configuration with { Signaling = Resolve(signaling, file) };
        }

        return new(read.Diagnostics.HasErrors ? null : configuration, findings);
    }

    // Paths are relative to the configuration file.
    private static XmppConfiguration Resolve(XmppConfiguration xmpp, string file)
    {
        var directory = Path.GetDirectoryName(file) ?? "";
        return xmpp with
        {
            Certificate = xmpp.Certificate is { } certificate ? Path.Combine(directory, certificate) : null,
            Key = xmpp.Key is { } key ? Path.Combine(directory, key) : null,
            Authorities = xmpp.Authorities is { } authorities ? Path.Combine(directory, authorities) : null,
            Provisioning = xmpp.Provisioning is { } provisioning ? Path.Combine(directory, provisioning) : null,
        };
    }

    // Paths are relative to the configuration file.
    private static SignalingConfiguration Resolve(SignalingConfiguration signaling, string file)
    {
        var directory = Path.GetDirectoryName(file) ?? "";
        return signaling with
        {
            Certificate = signaling.Certificate is { } certificate ? Path.Combine(directory, certificate) : null,
            Key = signaling.Key is { } key ? Path.Combine(directory, key) : null,
            Authorities = signaling.Authorities is { } authorities ? Path.Combine(directory, authorities) : null,
        };
    }

    private static void CheckRules(RuleContext context)
    {
        RoleRules.Check(context);
        if (context.Configuration.IsForwarder || !context.Source.IsSound(context.Configuration, RootKeys.Roles))
        {
            MachineRules.Check(context);
            PortRules.Check(context);
            VrrpRules.Check(context);
            DeviceRules.Check(context);
            UnderlayRules.Check(context);
            InterfaceRules.Check(context);
            ClassificationRules.Check(context);
        }

        VrfRules.Check(context);
        LabelRules.Check(context);
        PolicyRules.Check(context);
        BgpRules.Check(context);
        VrfGatewayRules.Check(context);
        XmppRules.Check(context);
        SignalingRules.Check(context);
        LimitRules.Check(context);
        LimitRules.CheckMetrics(context);
    }

    /// <summary>Fills in the defaults that other parts of the file decide.</summary>
    private static DataplaneConfiguration FillDependentDefaults(DataplaneConfiguration configuration, SourceMap source)
    {
        var encapsulation = configuration.Encapsulation;
        var portMtu = configuration.Ports.ToDictionary(static p => p.Name, static p => p.Mtu, StringComparer.Ordinal);
        return configuration with
        {
            Tunnels = [.. configuration.Tunnels.Select(t => t with
            {
                Encapsulation = source.Given(t, TunnelKeys.Encapsulation) ?? encapsulation.Default,
            })],
            Interfaces = [.. configuration.Interfaces.Select(i => i with
            {
                Mtu = source.Given(i, InterfaceKeys.Mtu) ?? portMtu[i.Port],
                Class = source.Given(i, InterfaceKeys.Class) is { } given
                    ? new(given.Dscp ?? encapsulation.Class.Dscp, given.TrafficClass ?? encapsulation.Class.TrafficClass)
                    : encapsulation.Class,
            })],
        };
    }
}

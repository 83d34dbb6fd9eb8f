using Dataplane.Host.Configuration;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>The keys of agents and external forwarders against each other.</summary>
public sealed class SignalingConfigurationTests
{
    private const string Tagged = """
        roles: [agent]
        signaling:
          address: 02aa10c0ffee@dc1.example.net
          external-forwarders: [{ name: tor7.dc1.example.net, host: 192.0.2.9 }]
          allow-plaintext: true
        state-directory: /var/lib/dataplane
        """;

    private const string External = """
        roles: [forwarder]
        ports:
          - { name: core, role: core, device: "net_null0", addresses: [203.0.113.17/24] }
          - { name: acc, role: access, device: "net_null1" }
        infrastructure: { address: 203.0.113.17 }
        signaling:
          address: 02aa10c00017@dc1.example.net
          gateways: [{ name: sg.dc1.example.net }]
          certificate: own.crt
          key: own.key
          authorities: ca.crt
          hosts:
            name: tor7.dc1.example.net
            listen: ["203.0.113.17:5222"]
            members: [{ system-id: 02aa10c0ffee, port: acc }]
        """;

    [Fact]
    public void AnAgentWithoutAForwarderIsSound()
    {
        DataplaneConfiguration configuration = Sound(Tagged);
        Assert.True(configuration is { IsAgent: true, IsForwarder: false, IsGateway: false });
        Assert.Equal("02aa10c0ffee", configuration.Signaling!.Jid.Local);
    }

    [Fact]
    public void AnExternalForwarderIsSoundAndItsPathsAreRelativeToTheFile()
    {
        SignalingConfiguration signaling = Sound(External).Signaling!;
        Assert.Equal("/etc/dataplane/own.crt", signaling.Certificate);
        Assert.Equal("02:aa:10:c0:ff:ee", signaling.Hosts!.Members[0].FramesFrom?.ToString());
        Assert.Equal(60, signaling.Hosts.StaleTime.TotalSeconds);
    }

    [Theory]
    [InlineData("state-directory: /var/lib/dataplane", "", "the role agent needs the key 'state-directory'")]
    [InlineData("allow-plaintext: true", "", "'signaling' needs 'certificate', 'key' and 'authorities'")]
    [InlineData("external-forwarders:", "gateways:", "a host without the role forwarder has 'external-forwarders' above it")]
    [InlineData("02aa10c0ffee@dc1", "dc1", "is not a system-id and a domain")]
    [InlineData("name: tor7.dc1.example.net", "name: a@tor7", "is not a domain name")]
    [InlineData("external-forwarders: [{ name: tor7.dc1.example.net, host: 192.0.2.9 }]", "profile: esv05", "'signaling' has nobody to talk with; add 'external-forwarders'")]
    [InlineData("state-directory:", "agent: { first-vlan: 9, last-vlan: 8 }\nstate-directory:", "'first-vlan' is 9 and 'last-vlan' 8")]
    [InlineData("external-forwarders:", "gateways: [{ name: sg.dc1.example.net }]\n  external-forwarders:", "'gateways' and 'external-forwarders' exclude each other")]
    [InlineData("roles: [agent]", "roles: [gateway]", "'signaling' belongs to the role agent or forwarder")]
    public void WhatIsWrongWithAnAgentIsTold(string from, string to, string message) => Wrong(Tagged.Replace(from, to, StringComparison.Ordinal), message);

    [Theory]
    [InlineData("port: acc }", "port: core }", "there is no access port 'core'; the access ports are acc")]
    [InlineData("system-id: 02aa10c0ffee", "system-id: hv12", "'hv12' is not 12 hexadecimal digits of an interface's own address")]
    [InlineData("gateways:", "external-forwarders:", "a forwarder has gateways above it")]
    [InlineData("members: [{ system-id: 02aa10c0ffee, port: acc }]", "members: [{ system-id: 02aa10c0ffee, port: acc }, { system-id: 02AA10C0FFEE, port: acc }]", "there are two hosts with the name '02aa10c0ffee'")]
    public void WhatIsWrongWithAnExternalForwarderIsTold(string from, string to, string message) => Wrong(External.Replace(from, to, StringComparison.Ordinal), message);

    [Fact]
    public void SignalingOfAForwarderAloneIsForItsHosts() =>
        Wrong(External[..External.IndexOf("  hosts:", StringComparison.Ordinal)], "a forwarder without the role agent has 'signaling' for the hosts behind it");

    private static DataplaneConfiguration Sound(string yaml)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, "/etc/dataplane/lab.yaml", ConfigurationPurpose.Replay, FakeKernelView.Default);
        Assert.True(result.Configuration is not null, string.Join("\n", result.Diagnostics));
        return result.Configuration;
    }

    private static void Wrong(string yaml, string message)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(yaml, "/etc/dataplane/lab.yaml", ConfigurationPurpose.Replay, FakeKernelView.Default);
        Assert.Null(result.Configuration);
        Assert.Contains(result.Diagnostics, finding => finding.Message.Contains(message, StringComparison.Ordinal));
    }
}

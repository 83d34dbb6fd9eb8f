namespace Dataplane.Host.Tests.Configuration;

/// <summary>A small good file, put together from sections that a test can replace, add to, or leave out.</summary>
internal static class SampleFile
{
    private static readonly (string Section, string Text)[] Sections =
    [
        ("roles", "roles: [forwarder]"),
        ("ports", """
            ports:
              - name: core0
                role: core
                device: "net_af_packet0,iface=c0"
                addresses: [203.0.113.17/24, "2001:db8:f::17/64"]
              - { name: acc0, role: access, device: "net_af_packet1,iface=a0" }
              - { name: tap0, role: local, device: "net_tap0,iface=vm9" }
            """),
        ("infrastructure", """infrastructure: { address: 203.0.113.17, address6: "2001:db8:f::17" }"""),
        ("vrfs", """
            vrfs:
              - name: blue
                label: 3000
                routes:
                  - { prefix: 198.51.100.40/32, next-hop: 203.0.113.44, label: 61200 }
              - name: red
            """),
        ("interfaces", """
            interfaces:
              - { name: vm1, port: acc0, vlan: 317, vrf: blue, label: 52013, addresses: [198.51.100.25/32] }
              - { name: vm9, port: tap0, vrf: blue, label: 52014, addresses: [198.51.100.26/32] }
            """),
    ];

    /// <summary>The file with sections replaced by their first word; an unknown one is put at the end, an empty one left out.</summary>
    public static string With(params IReadOnlyList<string> sections)
    {
        var texts = Sections.ToList();
        foreach (var section in sections)
        {
            var name = section[..section.IndexOf(':', StringComparison.Ordinal)].Trim('§', ' ');
            var at = texts.FindIndex(t => t.Section == name);
            if (at >= 0)
            {
                texts[at] = (name, section == name + ":" ? "" : section);
            }
            else
            {
                texts.Add((name, section));
            }
        }

        return string.Join('\n', texts.Where(static t => t.Text.Length > 0).Select(static t => t.Text)) + "\n";
    }
}

namespace Dataplane.Host.Tests.Configuration;

/// <summary>A small good gateway, with keys that a test adds.</summary>
internal static class GatewaySample
{
    /// <summary>The file with sections added at its end.</summary>
    public static string With(params IReadOnlyList<string> sections) => Speaker("") + string.Concat(sections.Select(static section => section + "\n"));

    /// <summary>The file with keys added to <c>bgp</c>.</summary>
    public static string Speaker(string keys, string peers = "    - { address: 203.0.113.17, as: 65000, password: s3cret }") => $"""
        roles: [gateway]
        bgp:
          as: 65000
          router-id: 203.0.113.9
          {keys}
          peers:
        {peers}
        vrfs:
          - name: blue
            import-targets: ["65000:1"]
            export-targets: ["65000:1"]

        """;

    /// <summary>The file with one peer of our own AS that has these keys, besides its secret.</summary>
    public static string Peer(string keys) => Speaker("", $"    - {{ address: 203.0.113.17, as: 65000, password: s3cret, {keys} }}");

    /// <summary>The file with one peer of another AS that has these keys, besides its secret and policies.</summary>
    public static string External(string keys) =>
        Speaker("", $"    - {{ address: 203.0.113.17, as: 65010, password: s3cret, import-policy: accept-all, export-policy: accept-all, {keys} }}");

    /// <summary>The file with a policy of one term.</summary>
    public static string Term(string keys) => With($$"""
        policies:
          - name: p
            terms:
              - { name: t, {{keys}} }
        """);

    /// <summary>The file with further keys of its VRF.</summary>
    public static string Vrf(string keys) => Speaker("") + "    " + keys + "\n";
}

using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>What is no YAML, or YAML a configuration has no use for.</summary>
internal static class YamlCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("empty file", "§", "the file is empty"),
        new("only a comment", "§# nothing\n", "the file is empty"),
        new("only a null", "§~\n", "must be a mapping of keys; found nothing"),
        new("list at the top", "§- roles\n", "the file must be a mapping of keys; found a list") { SchemaSeesIt = true },
        new("text at the top", "§dataplane\n", "found 'dataplane'") { SchemaSeesIt = true },
        new("tab as indentation", With("eal:\n§\tmemory-mib: 256"), "this line is indented with a tab; YAML takes spaces only"),
        new("tab behind spaces", With("eal:\n  memory-mib: 256\n  §\tmain-core: 1"), "this line is indented with a tab"),
        new("bracket left open", With("workers: { cores: [1 §}"), "not valid YAML"),
        new("quote left open", With("first-hop: { mac: §\"00:00:5e:00:01:01 }"), "not valid YAML"),
        new("colon in a plain text", With("logging: level§: information"), "not valid YAML"),
        new("indentation that fits nothing", With("eal:\n    memory-mib: 256\n  §main-core: 0"), "not valid YAML"),
        new("alias", With("logging: &log { level: debug }", "metrics: { listen: §*log }"), "aliases (*name) are not supported"),
        new("tag", With("eal: { memory-mib: §!!int 256 }"), "the tag 'tag:yaml.org,2002:int' is not supported"),
        new("second document", With() + "§---\nroles: [forwarder]\n", "a second YAML document starts here"),
        new("key that is a list", With("eal: { §[a, b]: 1 }"), "a key must be a word; found a list"),
        new("escape beyond Unicode", With("logging: { §level: \"\\U99999999\" }"), "not valid YAML, in or after this place"),
        new("nested without end", With("eal: { extra-arguments: " + Nested(31) + "§" + Nested(10) + " }"), "nested more than 32 levels deep"),

        new("duplicate section", With() + "§roles: [forwarder]\n", "the key 'roles' is given twice; the first is on line 1, remove one of them"),
        new("duplicate key in a block", With("eal:\n  main-core: 0\n  §main-core: 2"), "the key 'main-core' is given twice"),
        new("duplicate key in braces", With("limits: { vrfs: 10, §vrfs: 10 }"), "the key 'vrfs' is given twice"),
        new("duplicate key in quotes", With("limits: { vrfs: 10, routes: 10, §\"vrfs\": 3 }"), "the key 'vrfs' is given twice"),

        new("unknown section", With("§ospf: { area: 0 }"), "a configuration has no key 'ospf'; known keys: roles, eal, workers, ports") { SchemaSeesIt = true },
        new("misspelt section", With("§metric: { listen: 127.0.0.1:9464 }"), "did you mean 'metrics'?") { SchemaSeesIt = true },
        new("misspelt key", With("eal: { §memory-mb: 256 }"), "'eal' has no key 'memory-mb'; did you mean 'memory-mib'?") { SchemaSeesIt = true },
        new("snake case key", With("workers: { idle: { §max_sleep_us: 100 } }"), "did you mean 'max-sleep-us'?") { SchemaSeesIt = true },
        new("unknown key in a list", With("vrfs:\n  - name: blue\n    §tenant: 64512:1\n  - name: red"), "a VRF has no key 'tenant'") { SchemaSeesIt = true },
        new("section without a value", With("underlay:§"), "'underlay' must be a mapping of keys; found nothing; give it keys or remove it") { SchemaSeesIt = true },
        new("list without a value", With("tunnels:§"), "'tunnels' must be a list of tunnels; found nothing; write [] or remove the key") { SchemaSeesIt = true },
    ];

    private static string Nested(int depth) => new('[', depth);
}

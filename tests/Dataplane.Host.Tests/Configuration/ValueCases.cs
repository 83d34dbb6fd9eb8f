using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Single values of the wrong type, out of bounds or not readable.</summary>
internal static class ValueCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("number expected, text found", With("eal: { memory-mib: §lots }"), "'memory-mib' must be a whole number from 32 to 1048576; found 'lots'") { SchemaSeesIt = true },
        new("number in quotes", With("eal: { memory-mib: §\"256\" }"), "found '256'; remove the quotes") { SchemaSeesIt = true },
        new("number with a fraction", With("eal: { memory-mib: §256.5 }"), "found the number 256.5") { SchemaSeesIt = true },
        new("number in hexadecimal", With("eal: { main-core: §0x2 }"), "found the number 0x2"),
        new("number with a leading zero", With("eal: { memory-mib: §0256 }"), "remove the leading zero"),
        new("number too large for a machine word", With("eal: { memory-mib: §99999999999999999999 }"), "found the number 99999999999999999999") { SchemaSeesIt = true },
        new("negative number", With("eal: { main-core: §-1 }"), "must be a whole number from 0 to 1023; found the number -1") { SchemaSeesIt = true },
        new("number expected, list found", With("eal: { memory-mib: §[256] }"), "found a list") { SchemaSeesIt = true },
        new("number expected, true found", With("eal: { memory-mib: §true }"), "found true") { SchemaSeesIt = true },
        new("number missing behind the colon", With("eal:\n  memory-mib:§\n  main-core: 0"), "found nothing") { SchemaSeesIt = true },
        new("switch with yes", With("encapsulation: { udp6-zero-checksum: §yes }"), "must be true or false; found 'yes'") { SchemaSeesIt = true },
        new("switch in capitals", With("encapsulation: { udp6-zero-checksum: §TRUE }"), "must be true or false; found TRUE"),
        new("switch in quotes", With("metrics: { allow-remote: §\"true\" }"), "must be true or false; found 'true'") { SchemaSeesIt = true },
        new("word outside of the choice", With("eal: { huge-pages: §maybe }"), "'huge-pages' must be auto, required or never; found 'maybe'") { SchemaSeesIt = true },
        new("misspelt word of a choice", With("encapsulation: { default: §mpls-in-gr }"), "did you mean 'mpls-in-gre'?") { SchemaSeesIt = true },
        new("number outside of a choice", With("eal: { max-simd-bitwidth: §384 }"), "must be 64, 128, 256 or 512; found the number 384") { SchemaSeesIt = true },
        new("role that does not exist", With("roles: [forwarder, §router]"), "an entry of 'roles' must be forwarder, gateway or agent; found 'router'") { SchemaSeesIt = true },
        new("no role", With("roles: §[]"), "'roles' must be a list of roles, at least 1; found 0") { SchemaSeesIt = true },
        new("role twice", With("roles: [forwarder, §forwarder]"), "'roles' lists 'Forwarder' twice; remove one of them") { SchemaSeesIt = true },
        new("role without a list", With("roles: §forwarder"), "'roles' must be a list of roles, at least 1; found 'forwarder'") { SchemaSeesIt = true },
        new("text expected, number found", VrfName("§42"), "if that is meant as text, put it in quotes: \"42\"") { SchemaSeesIt = true },
        new("text expected, mapping found", VrfName("§{ a: b }"), "found a mapping of keys") { SchemaSeesIt = true },
        new("name with a space", VrfName("§\"my vrf\""), "'my vrf' is not a name; use 1 to 64 printable ASCII characters without spaces") { SchemaSeesIt = true },
        new("name too long", VrfName("§" + new string('v', 65)), "is not a name") { SchemaSeesIt = true },
        new("name beyond ASCII", VrfName("§grün"), "'grün' is not a name") { SchemaSeesIt = true },
        new("control character in a name", VrfName("§\"a\\nb\""), "'a\\u000ab' is not a name") { SchemaSeesIt = true },

        new("burst too small", With("workers: { burst: §3 }"), "'burst' must be a whole number from 4 to 64; found the number 3") { SchemaSeesIt = true },
        new("burst too large", With("workers: { burst: §65 }"), "'burst' must be a whole number from 4 to 64; found the number 65") { SchemaSeesIt = true },
        new("unknown idle policy", With("workers: { idle: { policy: §busy } }"), "'policy' must be spin, pause or sleep") { SchemaSeesIt = true },
        new("unknown runtime", With("workers: { runtime: §inprocess }"), "did you mean 'in-process'?") { SchemaSeesIt = true },
        new("no worker core", With("workers: { cores: §[] }"), "'cores' must be a list of CPU cores, at least 1; found 0") { SchemaSeesIt = true },
        new("worker core twice", With("workers: { cores: [1, 2, §1] }"), "'cores' lists '1' twice") { SchemaSeesIt = true },
        new("EAL argument of another key", With("eal: { extra-arguments: [\"--log-level=8\", §\"--vdev=net_null0\"] }"), "the EAL option --vdev is decided by 'ports[].device'"),
        new("EAL short option of another key", With("eal: { extra-arguments: [§\"-l1-3\"] }"), "is decided by 'workers.cores'"),
        new("EAL option the program chooses", With("eal: { extra-arguments: [§\"--file-prefix=x\"] }"), "the EAL option --file-prefix is chosen by the program"),
        new("empty EAL argument", With("eal: { extra-arguments: [§\"\"] }"), "cannot be passed as an argument"),

        new("TTL of zero", With("encapsulation: { ttl: §0 }"), "'ttl' must be a whole number from 1 to 255; found the number 0") { SchemaSeesIt = true },
        new("DSCP of seven bits", With("encapsulation: { dscp: §64 }"), "'dscp' must be a whole number from 0 to 63") { SchemaSeesIt = true },
        new("traffic class of four bits", With("encapsulation: { traffic-class: §8 }"), "'traffic-class' must be a whole number from 0 to 7") { SchemaSeesIt = true },
        new("MAC address too short", With("first-hop: { mac: §\"00:00:5e:00:01\" }"), "'00:00:5e:00:01' is not a MAC address; write six octets such as \"02:00:00:00:00:11\"") { SchemaSeesIt = true },
        new("MAC address of a group", With("first-hop: { mac6: §\"33:33:00:00:00:01\" }"), "33:33:00:00:00:01 is a group address"),
        new("MAC address of zeros", With("first-hop: { mac: §\"00:00:00:00:00:00\" }"), "is no usable address"),
        new("first hop's IPv4 address is IPv6", With("first-hop: { address: §\"fe80::1\" }"), "fe80::1 is an IPv6 address; an IPv4 address such as 203.0.113.17 is needed here") { SchemaSeesIt = true },
        new("first hop's IPv6 address is IPv4", With("first-hop: { address6: §169.254.0.1 }"), "169.254.0.1 is an IPv4 address; an IPv6 address such as"),
        new("first hop's IPv6 address is global", With("first-hop: { address6: §\"2001:db8::1\" }"), "2001:db8::1 is not link-local"),

        new("logging level unknown", With("logging: { level: §info }"), "'level' must be trace, debug, information, warning, error, critical or none; found 'info'") { SchemaSeesIt = true },
        new("listen without a port", With("metrics: { listen: §127.0.0.1 }"), "'127.0.0.1' is not an address and a port; write for instance 127.0.0.1:9464") { SchemaSeesIt = true },
        new("listen with a port out of range", With("metrics: { listen: §\"127.0.0.1:65536\" }"), "is not an address and a port"),
        new("listen with IPv6 but no brackets", With("metrics: { listen: §\"::1:9464\" }"), "is not an address and a port") { SchemaSeesIt = true },
        new("listen on a host name", With("metrics: { listen: §\"localhost:9464\" }"), "is not an address and a port") { SchemaSeesIt = true },
        new("limit of zero", With("limits: { routes: §0 }"), "'routes' must be a whole number from 1 to 67108864; found the number 0") { SchemaSeesIt = true },
    ];

    /// <summary>A file with one VRF that nothing refers to.</summary>
    private static string VrfName(string name) => With(
        "ports:\n  - { name: core0, role: core, device: net_null0, addresses: [203.0.113.17/24, \"2001:db8:f::17/64\"] }",
        "vrfs:\n  - name: " + name,
        "interfaces:");
}

using Dataplane.Host.Configuration;
using static Dataplane.Host.Tests.Configuration.SampleFile;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Underlay routes, our ends of tunnels, tunnels.</summary>
internal static class UnderlayCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("underlay route with host bits", With("underlay: { routes: [{ prefix: §192.0.2.1/24, via: 203.0.113.1 }] }"), "192.0.2.1/24 has host bits set; write 192.0.2.0/24 for the network or 192.0.2.1/32 for the one address"),
        new("underlay route without a next router", With("underlay: { routes: [§{ prefix: 192.0.2.0/24 }] }"), "an underlay route needs the key 'via'") { SchemaSeesIt = true },
        new("underlay route through an unreachable router", With("underlay: { routes: [{ prefix: 0.0.0.0/0, via: §203.0.114.1 }] }"), "203.0.114.1 is on no core port's network"),
        new("underlay route through ourselves", With("underlay: { routes: [{ prefix: 0.0.0.0/0, via: §203.0.113.17 }] }"), "203.0.113.17 is our own address; 'via' names the next router"),
        new("underlay route across families", With("underlay: { routes: [{ prefix: \"::/0\", via: §203.0.113.1 }] }"), "::/0 and 203.0.113.1 are of different families"),
        new("underlay route twice", With("underlay:\n  routes:\n    - { prefix: 192.0.2.0/24, via: 203.0.113.1 }\n    - { prefix: §192.0.2.0/24, via: 203.0.113.2 }"), "there are two underlay routes for 192.0.2.0/24; the first is on line 21"),
        new("next router with a length", With("underlay: { routes: [{ prefix: 0.0.0.0/0, via: §203.0.113.1/24 }] }"), "203.0.113.1/24 has a prefix length; write the address alone") { SchemaSeesIt = true },
        new("next router that is a name", With("underlay: { routes: [{ prefix: 0.0.0.0/0, via: §spine-1 }] }"), "'spine-1' is not an IP address") { SchemaSeesIt = true },

        new("infrastructure without addresses", With("infrastructure: §{}"), "'infrastructure' needs 'address', 'address6' or both"),
        new("infrastructure address of nobody", With("infrastructure: { address: §203.0.113.18, address6: \"2001:db8:f::17\" }"), "203.0.113.18 is not an address of a core port"),
        new("infrastructure IPv6 address of nobody", With("infrastructure: { address: 203.0.113.17, address6: §\"2001:db8:f::18\" }"), "2001:db8:f::18 is not an address of a core port"),
        new("infrastructure address with a length", With("infrastructure: { address: §203.0.113.17/24 }"), "203.0.113.17/24 has a prefix length") { SchemaSeesIt = true },
        new("infrastructure address of the other family", With("infrastructure: { address6: \"2001:db8:f::17\", address: §\"2001:db8:f::17\" }"), "2001:db8:f::17 is an IPv6 address; an IPv4 address") { SchemaSeesIt = true },

        new("tunnel without a remote", With("tunnels: [§{ mtu: 1500 }]"), "a tunnel needs the key 'remote'") { SchemaSeesIt = true },
        new("tunnel twice", With("tunnels:\n  - { remote: 203.0.113.44 }\n  - { remote: §203.0.113.44, mtu: 1400 }"), "there are two tunnels to 203.0.113.44; the first is on line 20"),
        new("tunnel to ourselves", With("tunnels: [{ remote: §203.0.113.17 }]"), "203.0.113.17 is our own infrastructure address"),
        new("tunnel to a multicast group", With("tunnels: [{ remote: §239.0.0.1 }]"), "239.0.0.1 is a multicast address"),
        new("tunnel to everybody", With("tunnels: [{ remote: §255.255.255.255 }]"), "255.255.255.255 is the broadcast address"),
        new("tunnel to nobody", With("tunnels: [{ remote: §\"::\" }]"), ":: is the unspecified address"),
        new("tunnel of a family we have no end of", With("infrastructure: { address: 203.0.113.17 }", "tunnels: [{ remote: §\"2001:db8:f::44\" }]"), "a tunnel to 2001:db8:f::44 needs our end of IPv6 tunnels; set 'infrastructure.address6'"),
        new("tunnel of an unknown encapsulation", With("tunnels: [{ remote: 203.0.113.44, encapsulation: §vxlan }]"), "'encapsulation' must be mpls-in-gre, mpls-in-udp or mpls-in-ip; found 'vxlan'") { SchemaSeesIt = true },
        new("tunnel with a huge MTU", With("tunnels: [{ remote: 203.0.113.44, mtu: §65535 }]"), "'mtu' must be a whole number from 576 to 9216") { SchemaSeesIt = true },
        new("IPv6 tunnel with a small MTU", With("tunnels: [{ remote: \"2001:db8:f::44\", mtu: §1000 }]"), "the tunnel to 2001:db8:f::44 has an MTU of 1000") { Severity = DiagnosticSeverity.Warning },
        new("tunnel that no route leads to", With("tunnels: [{ remote: §192.0.2.44 }]"), "no underlay route leads to 192.0.2.44") { Severity = DiagnosticSeverity.Warning },

        new("metrics for everyone", With("metrics: { listen: §\"0.0.0.0:9464\" }"), "0.0.0.0:9464 can be reached by other machines and metrics have no authentication; listen on 127.0.0.1 or set 'allow-remote: true'"),
        new("metrics on an address of the machine", With("metrics: { listen: §\"[2001:db8::1]:9464\" }"), "[2001:db8::1]:9464 can be reached by other machines"),
        new("metrics for everyone on purpose", With("metrics: { allow-remote: true, listen: §\"0.0.0.0:9464\" }"), "can be read by other machines without authentication") { Severity = DiagnosticSeverity.Warning },
    ];
}

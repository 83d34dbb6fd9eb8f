using static Dataplane.Host.Tests.Configuration.GatewaySample;

namespace Dataplane.Host.Tests.Configuration;

/// <summary>Policies and the sets that they name.</summary>
internal static class PolicyCases
{
    public static IEnumerable<BadCase> All =>
    [
        new("policy twice", With("policies: [{ name: p }, { name: §p }]"), "there are two policies with the name 'p'"),
        new("policy of a name that is taken", With("policies: [{ name: §accept-all }]"), "there is always a policy 'accept-all'; give this one another name"),
        new("policy with a wrong name", With("policies: [{ name: §1st }]"), "'1st' is not a name here; use 1 to 64 letters") { SchemaSeesIt = true },
        new("policy with an unknown default", With("policies: [{ name: p, default: §drop }]"), "'default' must be accept or reject; found 'drop'") { SchemaSeesIt = true },
        new("term without an action", With("policies: [{ name: p, terms: [§{ name: t }] }]"), "a term needs the key 'action', accept, reject or next") { SchemaSeesIt = true },
        new("term twice", With("policies: [{ name: p, terms: [{ name: t, action: next }, { name: §t, action: accept }] }]"), "there are two terms with the name 't'"),
        new("term that changes what it rejects", Term("then: §{ local-pref: 1 }, action: reject"), "term 't' rejects the route, so nothing of it is left to change"),
        new("term that calls nobody", Term("call: §q, action: accept"), "there is no policy 'q'; the policies are p, accept-all, reject-all"),
        new("policy that calls itself", Term("call: §p, action: accept"), "policy 'p' would call itself: p calls p"),
        new("policies in a circle", With("policies: [{ name: p, terms: [{ name: t, call: q, action: next }] }, { name: q, terms: [{ name: t, call: §p, action: next }] }]"), "policy 'p' would call itself: p calls q calls p"),

        new("match of an unknown kind", Term("match: { §prefix: [10.0.0.0/8] }, action: accept"), "'match' has no key 'prefix'; did you mean 'prefixes'?") { SchemaSeesIt = true },
        new("match of no prefix", Term("match: { prefixes: §[] }, action: accept"), "'prefixes' must be a list of prefixes or names of prefix sets, at least 1; found 0") { SchemaSeesIt = true },
        new("prefix set that is not there", Term("match: { prefixes: [§ours] }, action: accept"), "there is no prefix set 'ours'; the file has no prefix sets"),
        new("prefix with host bits", Term("match: { prefixes: [§10.0.0.1/8] }, action: accept"), "the prefix of '10.0.0.1/8' has host bits set"),
        new("prefix with an unknown word", Term("match: { prefixes: [§\"10.0.0.0/8 upto 24\"] }, action: accept"), "'upto 24' behind 10.0.0.0/8 is not understood"),
        new("prefix with a length outside", Term("match: { prefixes: [§\"10.0.0.0/8 le 33\"] }, action: accept"), "'33' is not a length inside of 10.0.0.0/8; it goes from 8 to 32"),
        new("prefix with lengths the wrong way round", Term("match: { prefixes: [§\"10.0.0.0/8 ge 24 le 16\"] }, action: accept"), "no length is from 24 to 16"),
        new("community set that is not there", Term("match: { communities: [§ours] }, action: accept"), "there is no community set 'ours'"),
        new("community of seventeen bits", Term("match: { communities: [§65536:1] }, action: accept"), "'65536:1' is not a community; write for instance 65000:1"),
        new("community that is twice", Term("match: { no-communities: [no-export, §no-export] }, action: accept"), "'no-communities' lists 'no-export' twice"),
        new("route target that is a word", Term("match: { route-targets: [§blue] }, action: accept"), "'blue' is not a route target; write for instance 65000:1, 203.0.113.17:* or *:1") { SchemaSeesIt = true },
        new("AS set that is not there", Term("match: { neighbor-as: [§customers] }, action: accept"), "there is no AS path set 'customers'"),
        new("AS set with a wrong number", Term("match: { originated-by: [§4294967296] }, action: accept"), "'4294967296' is not an AS number or a range"),
        new("path set that is not there", Term("match: { as-path: §foreign }, action: accept"), "there is no AS path set 'foreign'; the file has no AS path sets"),
        new("path set without patterns", Term("match: { as-path: §foreign }, action: accept") + "as-path-sets: [{ name: foreign, as: [65010] }]\n", "AS path set 'foreign' has no 'patterns' to match with"),
        new("length that is no range", Term("match: { as-path-length: §many }, action: accept"), "'many' is not a range; write for instance 100, 100-200 or 100-") { SchemaSeesIt = true },
        new("length the wrong way round", Term("match: { as-path-length: §5-2 }, action: accept"), "no number is from 5 to 2"),
        new("source of an unknown kind", Term("match: { sources: [§static] }, action: accept"), "an entry of 'sources' must be local, ibgp, ebgp or xmpp; found 'static'") { SchemaSeesIt = true },
        new("distinguisher pattern that is a word", Term("match: { route-distinguishers: [§blue] }, action: accept"), "'blue' is not a route distinguisher; write for instance 65000:1, 203.0.113.17:1 or 65000:*") { SchemaSeesIt = true },

        new("change of an unknown kind", Term("then: { §localpref: 1 }, action: accept"), "'then' has no key 'localpref'; did you mean 'local-pref'?") { SchemaSeesIt = true },
        new("preference below nothing", Term("then: { local-pref: §-1 }, action: accept"), "'local-pref' must be a whole number from 0 to 4294967295") { SchemaSeesIt = true },
        new("MED by a word", Term("then: { med: §igp }, action: accept"), "'igp' is not a MED; write for instance 100, +10, -10 or none") { SchemaSeesIt = true },
        new("next hop by a word", Term("then: { next-hop: §peer }, action: accept"), "'peer' is not an IP address; write for instance 203.0.113.17 or 2001:db8:f::17; or self or unchanged"),
        new("prepending too often", Term("then: { as-path-prepend: §26 }, action: accept"), "'as-path-prepend' must be a whole number from 1 to 25") { SchemaSeesIt = true },
        new("communities that change nothing", Term("then: { communities: §{} }, action: accept"), "'communities' changes nothing; give it 'set', 'remove' or 'add', or remove it"),
        new("communities set and added", Term("then: { communities: §{ set: [], add: [\"65000:1\"] } }, action: accept"), "'communities' has 'set' beside 'remove' or 'add'"),
        new("route targets set and removed", Term("then: { route-targets: §{ set: [\"65000:1\"], remove: [\"*\"] } }, action: accept"), "'route-targets' has 'set' beside 'remove' or 'add'"),
        new("community with an asterisk to add", Term("then: { communities: { add: [§\"65000:*\"] } }, action: accept"), "'65000:*' is not a community to give to a route; write for instance 65000:1 or no-export"),
        new("extended community among others", Term("then: { communities: { add: [§rt:65000:1] } }, action: accept"), "rt:65000:1 is an extended community; write for instance 65000:1 or no-export here"),
        new("large community among extended ones", Term("then: { extended-communities: { remove: [§65000:1:2] } }, action: accept"), "65000:1:2 is a large community; write for instance rt:65000:1 or soo:65000:1 here"),

        new("prefix set twice", With("prefix-sets: [{ name: a }, { name: §a }]"), "there are two prefix sets with the name 'a'"),
        new("community set named like a community", With("community-sets: [{ name: §no-export, communities: [\"65000:1\"] }]"), "'no-export' is a well-known community; give the set another name"),
        new("pattern with an open group", With("as-path-sets: [{ name: a, patterns: [§\"(65000 65001\"] }]"), "a group of '(65000 65001' is not closed; add ')'"),
        new("pattern with an open list", With("as-path-sets: [{ name: a, patterns: [§\"[65000\"] }]"), "a list of '[65000' is not closed; add ']'"),
        new("pattern with an end in the middle", With("as-path-sets: [{ name: a, patterns: [§\"65000$ 65001\"] }]"), "'$' at character 6 of '65000$ 65001' has to be at the end"),
        new("pattern with letters", With("as-path-sets: [{ name: a, patterns: [§\"AS65000\"] }]"), "'A' at character 1 of 'AS65000' is not expected there"),
        new("pattern with a number too great", With("as-path-sets: [{ name: a, patterns: [§\"4294967296\"] }]"), "'4294967296' in '4294967296' is not an AS number or a range of them"),
    ];
}

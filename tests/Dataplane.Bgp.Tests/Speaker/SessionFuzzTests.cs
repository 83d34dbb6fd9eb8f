using Dataplane.Bgp.Fsm;
using Dataplane.Fuzz.Bgp;
using Dataplane.Fuzz.Bgp.Session;

namespace Dataplane.Bgp.Tests.Speaker;

/// <summary>A few scenarios of the session fuzzer; <c>scripts/fuzz bgp-session</c> runs as many as there is time for.</summary>
public sealed class SessionFuzzTests
{
    private static readonly string CorpusDirectory = Path.Combine(AppContext.BaseDirectory, "corpus", "bgp");

    [Fact]
    [Trait("Requirement", "SEC-08")]
    public void WhateverAPeerDoesNothingThrowsAndTheOtherSessionStays()
    {
        byte[][] messages = Directory.Exists(CorpusDirectory) ? [.. BgpFuzzCommand.Corpus(CorpusDirectory).Select(static one => one.Message)] : [];
        var reached = new SortedDictionary<SessionState, long>();
        for (var seed = 1; seed <= 12; seed++)
        {
            var said = new List<string>();
            try
            {
                _ = SessionFuzzCommand.Scenario(seed, messages, said, reached);
            }
            catch (Exception problem)
            {
                Assert.Fail($"seed {seed}: {problem.Message}\n{string.Join(' ', said)}");
            }
        }

        // It got as far as sessions, and did not stay there.
        Assert.Contains(SessionState.Established, reached.Keys);
        Assert.Contains(SessionState.OpenConfirm, reached.Keys);
        Assert.Contains(SessionState.Idle, reached.Keys);
    }
}

using System.Diagnostics;
using Dataplane.Bgp.Fsm;
using Dataplane.Bgp.Wire;
using Dataplane.Fuzz.Rig;

namespace Dataplane.Fuzz.Bgp.Session;

/// <summary><c>bgp-session</c> on the command line: scenarios of a hostile peer, each from a seed of its own.</summary>
internal static class SessionFuzzCommand
{
    private const int EventsPerScenario = 120;

    private const string Usage = """
        Has a peer send and do anything, over one or several connections, and checks what must hold for the speaker and its other peer.

          --seconds N    how long (60)
          --scenarios N  instead: how many scenarios
          --seed S       seed of the first scenario (taken from the clock); the next has the next
          --corpus DIR   messages that are sent whole and mutated

        Exit code: 0 when all held, 1 when a scenario failed (its seed and last events are named), 2 for wrong arguments.
        """;

    public static int Run(ReadOnlySpan<string> args)
    {
        if (!FuzzOptions.TryRead(args, "scenarios", Usage, out FuzzOptions? options))
        {
            return 2;
        }

        byte[][] messages = options.Corpus is null ? [] : [.. BgpFuzzCommand.Corpus(options.Corpus).Select(static one => one.Message).Where(static one => one.Length > 0)];
        var clock = Stopwatch.StartNew();
        var reached = new SortedDictionary<SessionState, long>();
        long events = 0;
        var done = 0;
        for (; options.IsMore(done, clock.Elapsed); done++)
        {
            var said = new List<string>();
            try
            {
                events += Scenario(options.Seed + done, messages, said, reached);
            }
            catch (RigException e)
            {
                Console.WriteLine($"{e.Message}\nseed {options.Seed + done}, events: {string.Join(' ', said)}");
                return 1;
            }
        }

        Console.WriteLine($"seed {options.Seed}: {events} events in {done} scenarios, {clock.Elapsed.TotalSeconds:F1} s");
        Console.WriteLine("states: " + string.Join(", ", reached.Select(static entry => $"{entry.Key} {entry.Value}")));
        return 0;
    }

    /// <summary>Runs one.</summary>
    /// <param name="seed">What it is made from.</param>
    /// <param name="messages">Messages to send, whole or mutated.</param>
    /// <param name="said">Takes a word per event.</param>
    /// <param name="reached">Takes the states of the hostile peer's session, and how often.</param>
    /// <returns>How many events there were.</returns>
    public static long Scenario(int seed, byte[][] messages, List<string> said, SortedDictionary<SessionState, long> reached)
    {
        var random = new Random(seed);
        var mutator = new BgpMutator(random);
        using var target = new SessionTarget();
        for (var i = 0; i < EventsPerScenario; i++)
        {
            Step(random, mutator, messages, target, said);
        }

        target.Finish();
        foreach ((SessionState state, long count) in target.Reached)
        {
            reached[state] = reached.GetValueOrDefault(state) + count;
        }

        return target.Events;
    }

    // Mostly what leads on, so that every state is reached.
    private static void Step(Random random, BgpMutator mutator, byte[][] messages, SessionTarget target, List<string> said)
    {
        var which = random.Next(8);
        if (target.IsConnecting && random.Next(3) == 0)
        {
            var isRefused = random.Next(3) == 0;
            said.Add(isRefused ? "refuse" : "answer");
            target.Answer(isRefused);
            return;
        }

        if (target.OpenLinks == 0 ? random.Next(3) != 0 : random.Next(25) == 0)
        {
            said.Add("connect");
            target.Connect();
            return;
        }

        switch (random.Next(20))
        {
            case < 14:
                byte[] octets = Octets(random, mutator, messages);
                said.Add($"send[{which}]{Convert.ToHexStringLower(octets.AsSpan(0, Math.Min(octets.Length, 24)))}/{octets.Length}");
                foreach (byte[] piece in Pieces(random, octets))
                {
                    target.Send(which, piece);
                }

                break;
            case < 15:
                var isBroken = random.Next(2) == 0;
                said.Add(isBroken ? $"break[{which}]" : $"end[{which}]");
                target.End(which, isBroken);
                break;
            case < 19:
                TimeSpan time = TimeSpan.FromMilliseconds(Math.Pow(10, random.NextDouble() * 6));
                said.Add($"pass({time.TotalSeconds:F2})");
                target.Pass(time);
                break;
            default:
                var what = random.Next(5);
                said.Add($"operate({what})");
                target.Operate(what);
                break;
        }
    }

    private static byte[] Octets(Random random, BgpMutator mutator, byte[][] messages)
    {
        byte[] open = SessionTarget.Open(SessionTarget.HostileAs, 0x0A000002, (ushort)random.Next(0, 3) switch { 0 => 0, 1 => 90, _ => (ushort)random.Next(ushort.MaxValue) });
        byte[] any = messages.Length != 0 && random.Next(3) != 0 ? messages[random.Next(messages.Length)] : open;
        return random.Next(8) switch
        {
            0 or 1 => open,
            2 => [.. open, .. MessageHeader.Keepalive()],
            3 => MessageHeader.Keepalive(),
            4 => any,
            5 => [.. any, .. MessageHeader.Keepalive(), .. any],
            6 => mutator.Mutate(any, open),
            _ => mutator.Mutate(open, any),
        };
    }

    private static IEnumerable<byte[]> Pieces(Random random, byte[] octets)
    {
        if (random.Next(3) != 0 || octets.Length < 2)
        {
            return [octets];
        }

        var at = random.Next(1, octets.Length);
        return [octets[..at], octets[at..]];
    }
}

using Dataplane.Host.Commands;

namespace Dataplane.EndToEnd.Lab;

/// <summary>
/// The program's own command line, carried out in this process: the same words, the same answer and exit code, without the start of a runtime that
/// each run of the program costs. It asks a program under test over its management socket; for tests that ask often.
/// </summary>
public static class CommandLine
{
    /// <summary>Carries out <c>dataplane WORDS</c>.</summary>
    public static CommandResult Run(params IEnumerable<string> words)
    {
        using StringWriter output = new(), error = new();
        int exitCode = DataplaneCommand.Invoke([.. words], output, error);
        return new CommandResult(exitCode, output.ToString(), error.ToString());
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Dataplane.Host.Commands;

/// <summary>The library's help of a command, followed by what its options cannot say: how it works, and examples.</summary>
internal sealed class HelpWithDetails(HelpAction generated, IReadOnlyDictionary<Command, string> details) : SynchronousCommandLineAction
{
    private const int LeastWidth = 60;
    private const int MostWidth = 100;

    /// <summary>Extends the help of a command line.</summary>
    /// <param name="root">The finished command line.</param>
    /// <param name="details">What to add to which command's help.</param>
    public static void Install(RootCommand root, IReadOnlyDictionary<Command, string> details)
    {
        foreach (HelpOption option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is not HelpAction generated)
                continue;
            generated.MaxWidth = Console.IsOutputRedirected ? MostWidth : Math.Clamp(Console.WindowWidth, LeastWidth, MostWidth);
            option.Action = new HelpWithDetails(generated, details);
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = generated.Invoke(parseResult);
        if (details.TryGetValue(parseResult.CommandResult.Command, out string? text))
            parseResult.InvocationConfiguration.Output.WriteLine(text);
        return result;
    }
}

using System.Text.Json.Nodes;
using Dataplane.EndToEnd.Lab;

namespace Dataplane.Interop.Bgp.Peers;

/// <content>Questions, asked by the program's command line in the test's process. The control-plane rig asks none and is built without that.</content>
public sealed partial class OurSpeaker
{
    /// <summary>What the management API answers to a <c>show</c> command.</summary>
    public JsonNode Show(params string[] words)
    {
        CommandResult result = Ask(["show", .. words, "--json"]);
        return result.ExitCode == 0 ? JsonNode.Parse(result.Output)! : throw new InvalidOperationException(result.All);
    }

    /// <summary>Carries out another command of the program, which finds this one by its management socket, in the test's process.</summary>
    public CommandResult Ask(params string[] words) => CommandLine.Run([.. words, "--socket", ManagementSocket]);
}

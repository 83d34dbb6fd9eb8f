using Dataplane.Dpdk;
using Dataplane.Host.Forwarding;
using Dataplane.Host.Gateway;

namespace Dataplane.Host.Commands;

/// <summary>Failures that have a cause outside of the program and are told in one line, without a stack trace.</summary>
internal static class Failure
{
    /// <summary>True for what an operator can do something about; anything else is a defect of the program.</summary>
    public static bool IsOperational(Exception problem) =>
        problem is DpdkException or ForwarderException or GatewayException or IOException or UnauthorizedAccessException;

    /// <summary>Writes it in the form of compilers.</summary>
    public static void Report(TextWriter errors, Exception problem) => errors.WriteLine($"dataplane: error: {problem.Message}");
}

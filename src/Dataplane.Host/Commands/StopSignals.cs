using System.Runtime.InteropServices;

namespace Dataplane.Host.Commands;

/// <summary>
/// The signals that ask the program to end, caught from construction on: a process that is stopped while it starts takes
/// its devices down in order, too, and so does one whose terminal was closed, unless SIGHUP means something else.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Catches them.</summary>
    public StopSignals() => _registrations =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, Stop))];

    /// <summary>What SIGHUP does in place of ending the program; null to end it. Called on a thread of the pool.</summary>
    public Action? HangUp { get; set; }

    /// <summary>Is cancelled by the first of them.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Leaves them to the system again.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (signal.Signal == PosixSignal.SIGHUP && HangUp is { } other)
            other();
        else
            _source.Cancel();
    }
}

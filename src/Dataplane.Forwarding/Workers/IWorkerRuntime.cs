using Dataplane.Forwarding.Control;

namespace Dataplane.Forwarding.Workers;

/// <summary>Where worker threads live: in the isolated library's runtime, or in the host's.</summary>
public interface IWorkerRuntime
{
    /// <summary>How it is called in configuration: <c>isolated</c> or <c>in-process</c>.</summary>
    string Name { get; }

    /// <summary>Widest vectors, in bits, that the workers' code uses.</summary>
    int VectorBits { get; }

    /// <summary>Starts the worker's thread; it pins and registers itself and then polls.</summary>
    void Start(WorkerHandle worker);
}

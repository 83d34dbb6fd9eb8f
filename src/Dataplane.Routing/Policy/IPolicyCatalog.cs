namespace Dataplane.Routing.Policy;

/// <summary>The policies of a configuration by name. Routing thread.</summary>
public interface IPolicyCatalog
{
    /// <summary>The policy of that name; null when there is none (a caller treats routes as rejected then: it fails closed).</summary>
    IRoutePolicy? Find(string name);
}

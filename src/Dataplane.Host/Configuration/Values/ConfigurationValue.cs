using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Dataplane.Host.Configuration.Yaml;

namespace Dataplane.Host.Configuration.Values;

/// <summary>A kind of value: how it is read from YAML, described to people and described to editors.</summary>
internal abstract class ConfigurationValue
{
    /// <summary>The kind in words, with its article and bounds: "a whole number from 4 to 64".</summary>
    public abstract string Noun { get; }

    /// <summary>The JSON schema (draft 7) of the kind.</summary>
    public abstract JsonObject ToSchema();
}

/// <summary>A kind of value that is read as <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The type in the model.</typeparam>
internal abstract class ConfigurationValue<T> : ConfigurationValue
{
    /// <summary>What stands in the model for a required value that could not be read; such a model is never handed out.</summary>
    public virtual T Placeholder => default!;

    /// <summary>Reads a node. Never throws on account of what the file holds.</summary>
    /// <param name="node">The node.</param>
    /// <param name="subject">What the node is, for messages: <c>'mtu'</c>.</param>
    /// <param name="context">Takes errors and positions.</param>
    /// <param name="value">The value, or the sound parts of it.</param>
    public ReadResult Read(YamlNode node, string subject, ReadContext context, [MaybeNull] out T value)
    {
        if (node is YamlUnusable)
        {
            value = default;
            return ReadResult.Unusable;
        }

        return ReadCore(node, subject, context, out value);
    }

    /// <summary>Reads a node that has not been reported yet.</summary>
    protected abstract ReadResult ReadCore(YamlNode node, string subject, ReadContext context, [MaybeNull] out T value);

    /// <summary>A value as JSON: the default in the schema and in the reference.</summary>
    public abstract JsonNode? ToJson(T value);

    /// <summary>Reports a node that is of the wrong type.</summary>
    protected ReadResult WrongType(YamlNode node, string subject, ReadContext context, string hint = "")
    {
        context.Diagnostics.Error(node.Location, $"{subject} must be {Noun}; found {node.Describe()}{hint}");
        return ReadResult.Unusable;
    }
}

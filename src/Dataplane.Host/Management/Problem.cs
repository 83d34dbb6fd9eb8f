namespace Dataplane.Host.Management;

/// <summary>A request that cannot be answered: told as <c>application/problem+json</c> (RFC 9457).</summary>
internal sealed class Problem : Exception
{
    /// <summary>A problem.</summary>
    public Problem(int status, string title, string detail)
        : base(detail)
    {
        Status = status;
        Title = title;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>What kind of problem it is.</summary>
    public string Title { get; }

    /// <summary>A parameter or value that is wrong.</summary>
    public static Problem BadRequest(string detail) => new(400, "Bad request", detail);

    /// <summary>Something that is not there.</summary>
    public static Problem NotFound(string detail) => new(404, "Not found", detail);

    /// <summary>Something that cannot be done now.</summary>
    public static Problem Conflict(string detail) => new(409, "Conflict", detail);
}

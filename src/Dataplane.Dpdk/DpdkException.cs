namespace Dataplane.Dpdk;

/// <summary>
/// DPDK refused something. The message says what failed, why (errno and DPDK's own words) and what to do about it.
/// </summary>
public sealed class DpdkException : Exception
{
    /// <summary>A failure that has no errno.</summary>
    public DpdkException(string message, Exception? cause = null) : base(message, cause)
    {
    }

    internal DpdkException(string message, int errorNumber) : base(message) => ErrorNumber = errorNumber;

    /// <summary>The positive errno, 0 when the failure has none.</summary>
    public int ErrorNumber { get; }

    /// <summary>A failed call: what failed, the errno in words, what DPDK logged during the call, and advice.</summary>
    /// <param name="what">What failed, a clause without a full stop.</param>
    /// <param name="result">The negative errno.</param>
    /// <param name="advice">What to do about it, whole sentences; may be empty.</param>
    internal static DpdkException From(string what, int result, string advice)
    {
        // Many drivers return -1 for want of an errno; "operation not permitted" would mislead.
        string text = result == -1 ? $"{what}: it was refused." : $"{what}: {Errno.Describe(-result)}.";
        string said = EalLog.Reason();
        if (said.Length > 0)
            text += $" DPDK says: {said}.";
        if (advice.Length > 0)
            text += " " + advice;
        return new DpdkException(text, -result);
    }
}

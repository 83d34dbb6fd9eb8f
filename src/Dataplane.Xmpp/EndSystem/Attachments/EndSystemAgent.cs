using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>
/// Virtual interfaces as they are asked for, made part of their VPNs (AGT-01 to 09). What is asked for is kept before it is made known, so that a
/// version that anybody has seen is never taken back (AGT-07). Routing loop.
/// </summary>
/// <param name="table">The interfaces.</param>
/// <param name="binding">Makes them part of their VPNs.</param>
/// <param name="keep">Keeps the state, durably, or throws <see cref="IOException"/>; null keeps nothing.</param>
public sealed class EndSystemAgent(AttachmentTable table, IInterfaceBinding binding, Action<byte[]>? keep)
{
    /// <summary>The interfaces.</summary>
    public AttachmentTable Table => table;

    /// <summary>Interfaces attached since the start.</summary>
    public long Attached { get; private set; }

    /// <summary>Interfaces detached since the start.</summary>
    public long Detached { get; private set; }

    /// <summary>Requests that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Attaches a virtual interface, or changes the one of its name.</summary>
    /// <param name="request">What it shall be.</param>
    /// <param name="done">Told, now or later on the loop, what it is, or what is wrong.</param>
    public void Attach(AttachmentRequest request, Action<Attachment?, AttachmentProblem?> done)
    {
        if (table.Plan(request, out Attachment? planned) is { } problem)
        {
            Refused++;
            done(null, problem);
            return;
        }

        Attachment? before = table.Set(planned!);
        if (Keep() is { } failure)
        {
            Restore(planned!.Id, before);
            Refused++;
            done(null, failure);
            return;
        }

        binding.Set(Bound(planned!), reason =>
        {
            if (reason is null)
            {
                Attached++;
                done(planned, null);
                return;
            }

            // The binding has let go of it, whatever it was before.
            if (table.Find(planned!.Id) == planned)
            {
                _ = table.Remove(planned.Id);
                _ = Keep();
            }

            Refused++;
            done(null, new("id", $"{planned.Id} cannot be attached: {reason}", IsConflict: true));
        });
    }

    /// <summary>Detaches one.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="isMoved">Whether its workload goes on elsewhere.</param>
    /// <returns>What it was; null when there is none of that name.</returns>
    public Attachment? Detach(string id, bool isMoved)
    {
        if (table.Remove(id) is not { } removed)
        {
            return null;
        }

        Detached++;
        binding.Remove(id, isMoved);

        // Should this fail, it is there again after a restart: an operator can tell; its address is withdrawn now.
        _ = Keep();
        return removed;
    }

    /// <summary>Puts the interfaces of a kept state there. Before anything is attached.</summary>
    /// <param name="state">From <see cref="AttachmentState.Write"/>.</param>
    /// <param name="leftOut">Told of each interface that cannot be had any more, and why.</param>
    /// <exception cref="FormatException">It is no state.</exception>
    public void Restore(ReadOnlySpan<byte> state, Action<string, string> leftOut)
    {
        AttachmentState.Read(state, table, (id, problem) => leftOut(id, problem.ToString()));
        foreach (Attachment attachment in table.All.ToArray())
        {
            binding.Set(Bound(attachment), reason =>
            {
                if (reason is not null && table.Find(attachment.Id) == attachment)
                {
                    _ = table.Remove(attachment.Id);
                    leftOut(attachment.Id, reason);
                }
            });
        }
    }

    /// <summary>Why an address of an interface attracts no traffic; null when it is in order.</summary>
    public string? StateOf(Attachment attachment, AttachedAddress address) =>
        binding.StateOf(attachment.Id, new(address.Prefix, address.Leaf, attachment.Version));

    private static BoundInterface Bound(Attachment attachment) => new()
    {
        Key = attachment.Id,
        Vpn = attachment.Vpn,
        Port = attachment.Port,
        Vlan = attachment.Vlan,
        Mac = attachment.Mac,
        Addresses = [.. attachment.Addresses.Select(address => new BoundAddress(address.Prefix, address.Leaf, attachment.Version))],
    };

    private void Restore(string id, Attachment? before)
    {
        _ = table.Remove(id);
        if (before is not null)
        {
            _ = table.Set(before);
        }
    }

    private AttachmentProblem? Keep()
    {
        try
        {
            keep?.Invoke(AttachmentState.Write(table));
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new("id", $"nothing can be attached: the state cannot be kept: {problem.Message}", IsConflict: true);
        }
    }
}

using System.Buffers;
using Dataplane.Xmpp.EndSystem.Interfaces;

namespace Dataplane.Xmpp.EndSystem.Attachments;

/// <summary>
/// Virtual interfaces as they are asked for, made part of their VPNs (AGT-01 to 09). What is asked for is kept before it is made known, so that a
/// version that anybody has seen is never taken back (AGT-07). What is asked for while the state is being written waits, and is then kept by one write,
/// however much it is: many workloads arrive at once when another host is emptied (MOB-09). Routing loop.
/// </summary>
/// <remarks>
/// A defect (an exception of the binding, of what keeps the state, or of who is told) is that of one interface: it is refused, everything else that was
/// asked for becomes what it shall be, and then the exception goes on to the caller, or to the loop.
/// </remarks>
/// <param name="table">The interfaces.</param>
/// <param name="binding">Makes them part of their VPNs.</param>
/// <param name="store">Keeps what has changed; null: nothing is kept.</param>
public sealed class EndSystemAgent(AttachmentTable table, IInterfaceBinding binding, IAttachmentStore? store)
{
    private readonly Queue<Asked> _asked = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private List<Action> _detached = [];
    private bool _hasFailed;
    private bool _isKeeping;

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
        _asked.Enqueue(new(request, done));
        KeepNext();
    }

    /// <summary>Detaches one: its addresses are withdrawn now.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="isMoved">Whether its workload goes on elsewhere.</param>
    /// <param name="done">Told, now or later on the loop, when that is kept. Should it not be possible, it is there again after a restart: an operator can tell.</param>
    /// <returns>What it was; null when there is none of that name, and nothing is told.</returns>
    public Attachment? Detach(string id, bool isMoved, Action? done = null)
    {
        if (table.Remove(id) is not { } removed)
        {
            return null;
        }

        Detached++;
        _ = _changed.Add(id);
        if (done is not null)
        {
            _detached.Add(done);
        }

        try
        {
            binding.Remove(id, isMoved);
        }
        finally
        {
            KeepNext();
        }

        return removed;
    }

    /// <summary>Puts the interfaces of a kept state there. Before anything is attached.</summary>
    /// <param name="state">What a store was given, all of it.</param>
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
        Device = attachment.Device,
        Vlan = attachment.Vlan,
        Mac = attachment.Mac,
        Addresses = [.. attachment.Addresses.Select(address => new BoundAddress(address.Prefix, address.Leaf, attachment.Version))],
    };

    private void KeepNext()
    {
        if (_isKeeping)
        {
            return;
        }

        // From here on, since whoever is refused may ask again.
        _isKeeping = true;
        List<Exception> defects = [];
        List<Planned> planned = Plan(defects);
        if (planned.Count == 0 && _changed.Count == 0)
        {
            _isKeeping = false;
            Throw(defects);
            return;
        }

        List<Action> detached = _detached;
        _detached = [];
        var isTold = false;
        try
        {
            if (store is null)
            {
                _changed.Clear();
                Told(null);
            }
            else
            {
                store.Keep(TakeLines(store.WantsAll || _hasFailed), Told);
            }
        }
        catch (Exception defect) when (!isTold)
        {
            defects.Add(defect);
            Told(defect);
        }

        void Told(Exception? failure)
        {
            if (!isTold)
            {
                isTold = true;
                Kept(planned, detached, failure, defects);
            }
        }
    }

    private AttachmentLines TakeLines(bool isAll)
    {
        string[] changed = [.. _changed];
        _changed.Clear();
        _hasFailed = true; // until they are kept
        var into = new ArrayBufferWriter<byte>();
        if (isAll)
        {
            var count = AttachmentState.WriteAll(into, table);
            return new(into.WrittenMemory, count, IsAll: true);
        }

        foreach (var id in changed)
        {
            AttachmentState.WriteChange(into, table, id);
        }

        return new(into.WrittenMemory, changed.Length, IsAll: false);
    }

    // What has been asked, up to another request for the same interface: that one is judged when this one has become what it shall be.
    private List<Planned> Plan(List<Exception> defects)
    {
        List<Planned> planned = [];
        while (_asked.TryPeek(out Asked next) && !planned.Exists(one => one.Attachment.Id == next.Request.Id))
        {
            _ = _asked.Dequeue();
            AttachmentProblem? problem = null;
            try
            {
                problem = table.Plan(next.Request, out Attachment? attachment);
                if (problem is null)
                {
                    planned.Add(new(attachment!, table.Set(attachment!), next.Done));
                    _ = _changed.Add(attachment!.Id);
                }
            }
            catch (Exception defect)
            {
                defects.Add(defect);
                problem = Defect(next.Request.Id, defect);
            }

            if (problem is not null)
            {
                Try(defects, () => Refuse(next.Done, problem));
            }
        }

        return planned;
    }

    private void Kept(List<Planned> planned, List<Action> detached, Exception? failure, List<Exception> defects)
    {
        _hasFailed = failure is not null;
        if (failure is not null)
        {
            // The last one first, so that each finds what was there before it.
            for (var i = planned.Count - 1; i >= 0; i--)
            {
                TakeBack(planned[i]);
            }
        }

        foreach (Planned one in planned)
        {
            Try(defects, () => Become(one, failure));
        }

        detached.ForEach(done => Try(defects, done));
        _isKeeping = false;
        Try(defects, KeepNext);
        Throw(defects);
    }

    private void Become(Planned one, Exception? failure)
    {
        if (failure is not null)
        {
            Refuse(one.Done, new("id", $"nothing can be attached: the state cannot be kept: {failure.Message}", IsConflict: true));
        }
        else if (table.Find(one.Attachment.Id) != one.Attachment)
        {
            Refuse(one.Done, new("id", $"{one.Attachment.Id} was detached meanwhile", IsConflict: true));
        }
        else
        {
            Bind(one.Attachment, one.Done);
        }
    }

    private void Bind(Attachment attachment, Action<Attachment?, AttachmentProblem?> done)
    {
        var isTold = false;
        try
        {
            binding.Set(Bound(attachment), reason => Told(reason is null ? null : new("id", $"{attachment.Id} cannot be attached: {reason}", IsConflict: true)));
        }
        catch (Exception defect) when (!isTold)
        {
            // How far the binding has come is not known.
            List<Exception> defects = [defect];
            Try(defects, () => Told(Defect(attachment.Id, defect)));
            Try(defects, () => binding.Remove(attachment.Id, isMoved: false));
            Throw(defects);
        }

        void Told(AttachmentProblem? problem)
        {
            if (isTold)
            {
                return;
            }

            isTold = true;
            if (problem is null)
            {
                Attached++;
                done(attachment, null);
                return;
            }

            // The binding has let go of it, whatever it was before.
            List<Exception> defects = [];
            Try(defects, () => Refuse(done, problem));
            if (table.Find(attachment.Id) == attachment)
            {
                _ = table.Remove(attachment.Id);
                _ = _changed.Add(attachment.Id);
                Try(defects, KeepNext);
            }

            Throw(defects);
        }
    }

    private static AttachmentProblem Defect(string id, Exception defect) => new("id", $"{id} cannot be attached: a defect: {defect.Message}", IsConflict: true);

    // A step that fails does not keep others from being taken.
    private static void Try(List<Exception> defects, Action step)
    {
        try
        {
            step();
        }
        catch (Exception defect)
        {
            defects.Add(defect);
        }
    }

    private static void Throw(List<Exception> defects)
    {
        if (defects.Count != 0)
        {
            throw new AggregateException(defects).Flatten();
        }
    }

    private void Refuse(Action<Attachment?, AttachmentProblem?> done, AttachmentProblem problem)
    {
        Refused++;
        done(null, problem);
    }

    private void TakeBack(Planned planned)
    {
        if (table.Find(planned.Attachment.Id) == planned.Attachment)
        {
            _ = planned.Before is null ? table.Remove(planned.Attachment.Id) : table.Set(planned.Before);
        }
    }

    private readonly record struct Asked(AttachmentRequest Request, Action<Attachment?, AttachmentProblem?> Done);

    private readonly record struct Planned(Attachment Attachment, Attachment? Before, Action<Attachment?, AttachmentProblem?> Done);
}

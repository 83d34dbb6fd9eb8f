using Dataplane.Forwarding.Layout;
using Dataplane.Net;

namespace Dataplane.Forwarding.Control;

/// <content>Labels of interfaces whose workload is elsewhere by now (MOB-05).</content>
public sealed unsafe partial class Datapath
{
    /// <summary>
    /// Has packets that arrive with a label looked up in a VRF as those with its aggregate label are, so that what still comes for an interface
    /// follows its workload. The label is nobody's before. Workers may run.
    /// </summary>
    /// <exception cref="ArgumentException">The label is in use, or there is no such VRF.</exception>
    public void LookUpLabel(VrfId vrf, Label20 label)
    {
        _ = VrfOf(vrf);
        AssignLabel(label, LabelEntry.ForAggregate(vrf.Row));
    }

    /// <summary>Ends <see cref="LookUpLabel"/>: the label is nobody's. Workers may run.</summary>
    public void ForgetLabel(Label20 label) => Volatile.Write(ref _root->Labels[label.Value], 0);
}

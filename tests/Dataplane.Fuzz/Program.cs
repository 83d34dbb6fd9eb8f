using Dataplane.Fuzz.Bgp;
using Dataplane.Fuzz.Bgp.Session;
using Dataplane.Fuzz.Fuzzing;
using Dataplane.Fuzz.Xmpp;

return args switch
{
    ["bgp", ..] => BgpFuzzCommand.Run(args.AsSpan(1)),
    ["bgp-session", ..] => SessionFuzzCommand.Run(args.AsSpan(1)),
    ["xmpp", ..] => XmppFuzzCommand.Run(args.AsSpan(1)),
    _ => FuzzCommand.Run(args),
};

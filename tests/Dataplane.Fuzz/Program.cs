using Dataplane.Fuzz.Bgp;
using Dataplane.Fuzz.Bgp.Session;
using Dataplane.Fuzz.Fuzzing;

return args switch
{
    ["bgp", ..] => BgpFuzzCommand.Run(args.AsSpan(1)),
    ["bgp-session", ..] => SessionFuzzCommand.Run(args.AsSpan(1)),
    _ => FuzzCommand.Run(args),
};

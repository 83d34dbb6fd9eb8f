using Dataplane.Fuzz.Bgp;
using Dataplane.Fuzz.Fuzzing;

return args is ["bgp", ..] ? BgpFuzzCommand.Run(args.AsSpan(1)) : FuzzCommand.Run(args);

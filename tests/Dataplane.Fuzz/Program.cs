using Dataplane.Fuzz.Fuzzing;

return FuzzCommand.Run(args);

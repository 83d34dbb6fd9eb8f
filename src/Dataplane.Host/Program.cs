using Dataplane.Host.Commands;

return DataplaneCommand.Invoke(args);

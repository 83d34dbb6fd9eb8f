// Every fixture starts poll-mode processes that are pinned to cores: one fixture at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

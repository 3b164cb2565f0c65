// The tests look at what the process holds as a whole: maps, resident memory, live instances, signal handlers.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

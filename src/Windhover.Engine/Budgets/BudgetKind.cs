namespace Windhover.Engine;

/// <summary>
/// Everything that a guest can use of the host. The name here is the name everywhere: a property of <see cref="Budget"/>, and written with
/// hyphens (<see cref="BudgetEntry.Key"/>) the option of the command line, the key of the manifest, the word in errors and the tag of metrics.
/// </summary>
public enum BudgetKind
{
    /// <summary>Bytes of the linear memories and tables of all instances.</summary>
    Memory,

    /// <summary>Bytes of the linear memories and tables of one instance.</summary>
    MemoryPerInstance,

    /// <summary>Bytes that the host holds for guests: values being passed, buffers of streams.</summary>
    HostMemory,

    /// <summary>Processor time of one run: a request, a call, a command.</summary>
    Cpu,

    /// <summary>Wall time of one run, with all its waiting.</summary>
    Wall,

    /// <summary>Instances alive.</summary>
    Instances,

    /// <summary>Requests answered at a time.</summary>
    Requests,

    /// <summary>Requests that wait for one of those.</summary>
    QueuedRequests,

    /// <summary>Handles in the tables of guests: resources, streams, futures, subtasks.</summary>
    Handles,

    /// <summary>Open files, directories and listings.</summary>
    Files,

    /// <summary>Outgoing HTTP requests under way.</summary>
    OutboundRequests,

    /// <summary>Open TCP and UDP sockets.</summary>
    Connections,

    /// <summary>Bytes of names and values in one set of HTTP fields, with 32 more for each field.</summary>
    Headers,

    /// <summary>Bytes in the body of one request to the guest.</summary>
    RequestBody,

    /// <summary>Bytes in the body of one answer.</summary>
    ResponseBody,

    /// <summary>Bytes that one run writes to its standard output and error.</summary>
    Output,

    /// <summary>Bytes that one run writes to the log.</summary>
    Log,

    /// <summary>Lines in a second that go to the log.</summary>
    LogLines,

    /// <summary>Bytes of a component's file.</summary>
    ComponentSize,

    /// <summary>Wall time of compiling a component.</summary>
    CompileTime,

    /// <summary>Bytes that compiling a component takes at its peak.</summary>
    CompileMemory,
}

/// <summary>What the number of a budget counts.</summary>
public enum BudgetUnit
{
    /// <summary>Bytes: <c>65536</c>, <c>64KiB</c>, <c>1.5MB</c>.</summary>
    Bytes,

    /// <summary>Time, held in ticks of 100 ns: <c>500ms</c>, <c>2s</c>, <c>5m</c>, <c>1h</c>. A number alone is seconds.</summary>
    Time,

    /// <summary>A number of things.</summary>
    Count,

    /// <summary>A number of things in a second: <c>100</c>, <c>100/s</c>.</summary>
    PerSecond,
}

/// <summary>What the number of a budget is held against.</summary>
public enum BudgetScope
{
    /// <summary>All that an app holds at the moment. A tenant may have a total over its apps too.</summary>
    Total,

    /// <summary>One run: a request, a call, a command.</summary>
    Run,

    /// <summary>One loading of a component.</summary>
    Load,
}

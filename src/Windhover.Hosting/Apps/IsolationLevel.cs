namespace Windhover.Hosting.Apps;

/// <summary>What stands between a component and the server's own process.</summary>
public enum IsolationLevel
{
    /// <summary>
    /// The sandbox of WebAssembly, in the server's process: each request in an instance of its own. What a guest does cannot reach beyond it, unless the
    /// engine has a defect.
    /// </summary>
    Instance,

    /// <summary>
    /// The same within a process of the component's own, so that even a crash of the engine costs only this component's requests under way. It is started again.
    /// Costs a process (about 60 MB), and a hop over a Unix socket for each request.
    /// </summary>
    Process,
}

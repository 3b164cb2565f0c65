using System.Globalization;
using Windhover.Components.Binary;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Components.Compilation;

// Validating and compiling happen in native code, which a hostile binary can keep busy for hours, make allocate without end, or, by a defect, abort. So:
//
//   (1) decode in this process         C#, bounded by the size of the binary
//   (2) all of it in the cache?        load: no native validator or compiler is involved. This is every start but the first
//   (3) a worker process               limits itself, validates, compiles into the cache, says how it went
//   (4) watch                          too long: killed. Ended without an answer: memory, or a crash, told apart by what it left on standard error
//   (5) load as in (2)
//
// The worker is no sandbox against its own code: it is the same program. It is a place where failure costs nothing but itself.

/// <summary>Compiles binaries that nobody vouches for in worker processes, one process for each. Thread-safe.</summary>
public sealed class OutOfProcessCompiler : IDisposable
{
    private readonly CompileCache _cache;
    private readonly WorkerCommand _command;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots;

    /// <summary>Makes a compiler.</summary>
    /// <param name="cache">Where the code goes and comes from.</param>
    /// <param name="command">The worker's program; null: <see cref="WorkerCommand.Self"/>.</param>
    /// <param name="maxWorkers">Workers at a time; the others wait. 0: half of the machine's cores, since each uses all of them.</param>
    /// <param name="time">Null: the system's clock.</param>
    public OutOfProcessCompiler(CompileCache cache, WorkerCommand? command = null, int maxWorkers = 0, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentOutOfRangeException.ThrowIfNegative(maxWorkers);
        _cache = cache;
        _command = command ?? WorkerCommand.Self;
        _time = time ?? TimeProvider.System;
        _slots = new SemaphoreSlim(maxWorkers > 0 ? maxWorkers : Math.Max(1, Environment.ProcessorCount / 2));
    }

    /// <summary>Asked when a worker starts: whether it keeps off one processor (where there are several), since requests are being answered. Null: never. On Linux.</summary>
    public Func<bool>? LeavesOneProcessor { get; init; }

    /// <summary>Whether compilers stand behind everything else that the machine does. Not where somebody waits for what is compiled.</summary>
    public bool GivesWay { get; init; } = true;

    /// <summary>Loads a component, compiled by a worker unless it was before.</summary>
    /// <param name="engine">The engine to compile for.</param>
    /// <param name="bytes">The binary. It is kept: do not change it.</param>
    /// <param name="limits">What that may take; null: the defaults.</param>
    /// <param name="cancellationToken">Kills the worker.</param>
    /// <exception cref="InvalidComponentException">The binary is malformed or breaks a rule of the component model.</exception>
    /// <exception cref="InvalidModuleException">One of its core modules is invalid.</exception>
    /// <exception cref="CompileLimitException">Compiling would take more than <paramref name="limits"/> allow.</exception>
    /// <exception cref="WorkerException">There is no worker to be had, it crashed, or the cache cannot be written.</exception>
    public Task<Component> LoadAsync(
        WasmEngine engine, ReadOnlyMemory<byte> bytes, CompileLimits? limits = null, CancellationToken cancellationToken = default) =>
        LoadAsync(engine, bytes, limits ?? new CompileLimits(), () => Component.TryLoadCompiled(engine, bytes, _cache, cancellationToken), cancellationToken);

    /// <summary>The same for a core module.</summary>
    /// <inheritdoc cref="LoadAsync(WasmEngine, ReadOnlyMemory{byte}, CompileLimits?, CancellationToken)"/>
    public Task<Module> LoadModuleAsync(
        WasmEngine engine, ReadOnlyMemory<byte> bytes, CompileLimits? limits = null, CancellationToken cancellationToken = default) =>
        LoadAsync(engine, bytes, limits ?? new CompileLimits(), () => _cache.TryGet(engine, bytes.Span), cancellationToken);

    /// <summary>Call it when nothing is being loaded any more.</summary>
    public void Dispose() => _slots.Dispose();

    private async Task<T> LoadAsync<T>(
        WasmEngine engine, ReadOnlyMemory<byte> bytes, CompileLimits limits, Func<T?> load, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (bytes.Length > limits.MaxBinaryBytes)
            throw new CompileLimitException("component-size", $"The binary has {bytes.Length} bytes; component-size allows {limits.MaxBinaryBytes}.");
        if (load() is { } known)
            return known;
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (load() is { } made) // by the one before in the queue
                return made;
            await CompileAsync(engine.Options, bytes, limits, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }

        return load() ?? throw new WorkerException($"The compiled code is not in the cache {_cache.Directory}: can it be written, and is there room?");
    }

    private async Task CompileAsync(EngineOptions options, ReadOnlyMemory<byte> bytes, CompileLimits limits, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limits.MaxTime, _time);
        await using WorkerProcess worker = GivesWay
            ? await WorkerProcess.StartBehindAsync(_command, CompileWorker.Role, LeavesOneProcessor?.Invoke() == true).ConfigureAwait(false)
            : WorkerProcess.Start(_command, CompileWorker.Role);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        CompileReply? reply = null;
        int status = 0;
        try
        {
            try
            {
                var request = new CompileRequest(options, _cache.Directory, limits.MaxMemoryBytes, bytes.Length);
                await worker.SendAsync(request, CompileJson.Default.CompileRequest, bytes, both.Token).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // It ended while it was spoken to: what it said until then is all there is.
            }

            reply = await worker.ReceiveAsync(CompileJson.Default.CompileReply, both.Token).ConfigureAwait(false);
            if (reply is null)
                status = await worker.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CompileLimitException(
                "compile-time", string.Create(CultureInfo.InvariantCulture, $"Compiling took longer than compile-time allows: {limits.MaxTime.TotalSeconds} s."));
        }

        if (reply?.Outcome != CompileOutcome.Compiled)
            throw Failure(reply, status, worker.ErrorTail, limits);
    }

    private static Exception Failure(CompileReply? reply, int status, string errors, CompileLimits limits) => reply switch
    {
        { Outcome: CompileOutcome.InvalidComponent } => new InvalidComponentException(reply.Message),
        { Outcome: CompileOutcome.InvalidModule } => new InvalidModuleException(reply.Message),
        { Outcome: CompileOutcome.OutOfMemory } => OutOfMemory(limits),
        { } => new WorkerException($"The compiler failed: {reply.Message}"),
        null when IsOutOfMemory(errors) => OutOfMemory(limits),
        null => new WorkerException($"The compiler ended with status {status} and no answer.{(errors.Length > 0 ? $" It said:\n{errors}" : "")}"),
    };

    private static CompileLimitException OutOfMemory(CompileLimits limits) =>
        new("compile-memory", $"Compiling needs more memory than compile-memory allows: {limits.MaxMemoryBytes} bytes.");

    // Rust's allocator, the runtime, and mmap failing within Wasmtime.
    private static bool IsOutOfMemory(string errors) =>
        errors.Contains("memory allocation of", StringComparison.Ordinal)
        || errors.Contains("Out of memory", StringComparison.OrdinalIgnoreCase)
        || errors.Contains("OutOfMemory", StringComparison.Ordinal)
        || errors.Contains("Cannot allocate memory", StringComparison.Ordinal);
}

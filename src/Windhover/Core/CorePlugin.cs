using System.Text;
using Windhover.Engine;

namespace Windhover.Plugins;

/// <summary>
/// A core module in use: its exports as typed delegates, its memory as bytes. One call at a time, as for <see cref="Plugin"/>; a function of the host
/// that it calls may use its memory, and may call its other functions (allocators are such).
/// </summary>
public sealed class CorePlugin : IDisposable
{
    private const int Idle = 0, Disposed = -1;

    private readonly CoreModule _module;
    private readonly PluginOptions _options;
    private readonly Store _store;
    private readonly Linker _linker;
    private readonly Instance _instance;
    private int _state;
    private int _depth;

    internal CorePlugin(CoreModule module, CoreImports imports, PluginOptions options)
    {
        _module = module;
        _options = options;
        _linker = new Linker(module.Host.Engine);
        _store = new Store(module.Host.Engine, options.Limits) { State = this };
        try
        {
            foreach (((string from, string name), HostFunction function) in imports.Functions)
                _linker.Define(from, name, function);
            if (module.Module.Imports.Any(i => i.Module == CoreModule.Wasi))
            {
                _linker.DefineWasiPreview1();
                _store.SetWasi(CoreWasi.Make(options));
            }

            Begin();
            _instance = _linker.Instantiate(_store, module.Module);
        }
        catch (Exception error)
        {
            _store.Dispose();
            _linker.Dispose();
            if (error is ModuleLinkException)
                throw new PluginMismatchException(module.Info.Name, "(core)", [error.Message], error);
            if (error is TrapException or UnwindException or ResourceLimitException)
                throw PluginFailures.Translate(module.Info.Name, "(start)", error, options);
            throw;
        }
    }

    /// <summary>What it was made of.</summary>
    public PluginInfo Info => _module.Info;

    /// <summary>The store, for what the typed delegates do not reach.</summary>
    public Store Store => _store;

    /// <summary>An exported memory's bytes. Not valid after a call, which may let it grow.</summary>
    /// <exception cref="PluginMismatchException">There is no such memory.</exception>
    public Span<byte> Memory(string name = "memory") => Export(name, ExternKind.Memory).AsMemory().GetSpan(_store);

    /// <summary>Text in UTF-8 out of the exported memory <c>memory</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not within the memory.</exception>
    public string ReadString(int address, int length)
    {
        Span<byte> memory = Memory();
        if ((ulong)(uint)address + (uint)length > (ulong)memory.Length)
            throw new ArgumentOutOfRangeException(nameof(address), $"{(uint)length} bytes at {(uint)address} are not within the memory of {memory.Length}.");
        return Encoding.UTF8.GetString(memory.Slice(address, length));
    }

    /// <summary>An exported function.</summary>
    /// <exception cref="PluginMismatchException">There is none of that name and type; the message says which type it has.</exception>
    public Action GetAction(string name)
    {
        Function f = Find(name, [], []);
        return () => Invoke(name, f, []);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Action<T1> GetAction<T1>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>()], []);
        return a => Invoke(name, f, [CoreValue.Write(a)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Action<T1, T2> GetAction<T1, T2>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>()], []);
        return (a, b) => Invoke(name, f, [CoreValue.Write(a), CoreValue.Write(b)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Action<T1, T2, T3> GetAction<T1, T2, T3>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>(), CoreValue.Kind<T3>()], []);
        return (a, b, c) => Invoke(name, f, [CoreValue.Write(a), CoreValue.Write(b), CoreValue.Write(c)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Func<TResult> GetFunction<TResult>(string name)
    {
        Function f = Find(name, [], [CoreValue.Kind<TResult>()]);
        return () => Result<TResult>(name, f, [default]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Func<T1, TResult> GetFunction<T1, TResult>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>()], [CoreValue.Kind<TResult>()]);
        return a => Result<TResult>(name, f, [CoreValue.Write(a)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Func<T1, T2, TResult> GetFunction<T1, T2, TResult>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>()], [CoreValue.Kind<TResult>()]);
        return (a, b) => Result<TResult>(name, f, [CoreValue.Write(a), CoreValue.Write(b)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Func<T1, T2, T3, TResult> GetFunction<T1, T2, T3, TResult>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>(), CoreValue.Kind<T3>()], [CoreValue.Kind<TResult>()]);
        return (a, b, c) => Result<TResult>(name, f, [CoreValue.Write(a), CoreValue.Write(b), CoreValue.Write(c)]);
    }

    /// <inheritdoc cref="GetAction(string)"/>
    public Func<T1, T2, T3, T4, TResult> GetFunction<T1, T2, T3, T4, TResult>(string name)
    {
        Function f = Find(name, [CoreValue.Kind<T1>(), CoreValue.Kind<T2>(), CoreValue.Kind<T3>(), CoreValue.Kind<T4>()], [CoreValue.Kind<TResult>()]);
        return (a, b, c, d) => Result<TResult>(name, f, [CoreValue.Write(a), CoreValue.Write(b), CoreValue.Write(c), CoreValue.Write(d)]);
    }

    private TResult Result<TResult>(string name, Function function, Span<RawValue> values)
    {
        Invoke(name, function, values);
        return CoreValue.Read<TResult>(values[0]);
    }

    private void Invoke(string name, Function function, Span<RawValue> values)
    {
        int thread = Environment.CurrentManagedThreadId;
        int state = Interlocked.CompareExchange(ref _state, thread, Idle);
        if (state != Idle && state != thread)
            throw PluginFailures.Refusal(Info.Name, state == Disposed, isSameThread: false, name);
        _depth++;
        try
        {
            if (_depth == 1)
                Begin();
            function.Call(_store, values);
        }
        catch (Exception error) when (_depth == 1 && error is TrapException or UnwindException)
        {
            throw PluginFailures.Translate(Info.Name, name, error, _options);
        }
        finally
        {
            if (--_depth == 0)
                Volatile.Write(ref _state, Idle);
        }
    }

    private void Begin()
    {
        if (_options.Fuel is { } fuel)
            _store.SetFuel(fuel);
        if (_options.CallTimeout is { } timeout)
            _store.SetDeadline(timeout);
    }

    private Function Find(string name, ValueKind[] parameters, ValueKind[] results)
    {
        Function function = Export(name, ExternKind.Function).AsFunction();
        FunctionType has = function.GetType(_store), wanted = new([.. parameters], [.. results]);
        return has.Equals(wanted)
            ? function
            : throw new PluginMismatchException(Info.Name, "(core)", [$"it exports the function `{name}` as `{has}`, the host asks for `{wanted}`"]);
    }

    private Extern Export(string name, ExternKind kind)
    {
        if (_state == Disposed)
            throw PluginFailures.Refusal(Info.Name, isDisposed: true, isSameThread: false, name);
        if (!_instance.TryGetExport(_store, name, out Extern item) || item.Kind != kind)
        {
            string known = string.Join(", ", _module.Module.Exports.Take(20).Select(e => $"`{e.Name}`"));
            throw new PluginMismatchException(Info.Name, "(core)", [$"it exports no {kind} `{name}`; it exports {(known.Length == 0 ? "nothing" : known)}"]);
        }

        return item;
    }

    /// <summary>Drops the sandbox.</summary>
    /// <exception cref="PluginUseException">A call runs.</exception>
    public void Dispose()
    {
        int state = Interlocked.CompareExchange(ref _state, Disposed, Idle);
        if (state == Disposed)
            return;
        if (state != Idle)
            throw PluginFailures.Refusal(Info.Name, isDisposed: false, state == Environment.CurrentManagedThreadId, "(dispose)");
        _store.Dispose();
        _linker.Dispose();
    }
}

using System.Text.Json.Serialization;
using Windhover.Engine;

namespace Windhover.Components.Compilation;

/// <summary>What the worker is asked.</summary>
/// <param name="Engine">The options that shape the code.</param>
/// <param name="CacheDirectory">Where the code goes.</param>
/// <param name="MaxMemoryBytes">Private memory that compiling may take.</param>
/// <param name="Length">The number of bytes of the binary that follows.</param>
internal sealed record CompileRequest(EngineOptions Engine, string CacheDirectory, long MaxMemoryBytes, int Length);

/// <summary>What it answers.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">For anything but <see cref="CompileOutcome.Compiled"/>.</param>
internal sealed record CompileReply(CompileOutcome Outcome, string Message = "");

internal enum CompileOutcome
{
    /// <summary>All of it is in the cache.</summary>
    Compiled,

    /// <summary>It is no component, or one that breaks a rule.</summary>
    InvalidComponent,

    /// <summary>One of its modules is invalid.</summary>
    InvalidModule,

    /// <summary>Memory ran out in managed code.</summary>
    OutOfMemory,

    /// <summary>Nothing to do with the binary: the cache cannot be used.</summary>
    Failed,
}

[JsonSerializable(typeof(CompileRequest))]
[JsonSerializable(typeof(CompileReply))]
internal sealed partial class CompileJson : JsonSerializerContext;

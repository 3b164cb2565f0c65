namespace Windhover.Engine;

/// <summary>How an engine stops guests that run past their deadline.</summary>
public enum Interruption
{
    /// <summary><see cref="GuardPage"/> where it works (Linux, and no <see cref="EngineOptions.Fuel"/>), else <see cref="Epoch"/>.</summary>
    Automatic = 0,

    /// <summary>
    /// Each loop and function reads a byte that nobody else uses; a guest is stopped by taking its page away. Costs nothing that can be measured in
    /// most code. Linux only.
    /// </summary>
    GuardPage = 1,

    /// <summary>Each loop and function compares a counter. Costs nothing to 1.5 times in most loops, 3 times in the tightest.</summary>
    Epoch = 2,

    /// <summary>Not at all: for guests that are trusted to end. <see cref="Store.SetDeadline"/> throws.</summary>
    None = 3,
}

namespace Windhover.Engine;

/// <summary>Who wants to know that a run computes for long.</summary>
internal interface ILongRun
{
    /// <summary>It has used more than a few milliseconds of processor time. Once in a run at most, on another thread, before <see cref="CpuWatch.Stop"/> returns.</summary>
    void IsLong();
}

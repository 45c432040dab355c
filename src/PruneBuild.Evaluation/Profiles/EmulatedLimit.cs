namespace PruneBuild.Evaluation.Profiles;

/// <summary>Whether one limit of a profile really held for a process.</summary>
/// <param name="Limit"><c>threads</c>, <c>cpuQuota</c>, <c>memoryBytes</c> or <c>cores</c>.</param>
/// <param name="Emulated">Whether it held.</param>
/// <param name="How">What made it hold, or why it did not.</param>
public sealed record EmulatedLimit(string Limit, bool Emulated, string How)
{
    /// <summary>As in reports: <c>cpuQuota: not emulated (…)</c>.</summary>
    public override string ToString() => $"{Limit}: {(Emulated ? "by " : "not emulated (")}{How}{(Emulated ? "" : ")")}";
}

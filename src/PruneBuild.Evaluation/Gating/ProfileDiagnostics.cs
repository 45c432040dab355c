using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>What a build says of the profiles beside their floors.</summary>
public static class ProfileDiagnostics
{
    /// <summary>A warning PB5050 for every limit that did not hold, at its profile in the harness.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="harness">The harness.</param>
    public static IEnumerable<Diagnostic> Of(Verdict verdict, Harness harness)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(harness);
        return
            from statement in verdict.Profiles ?? []
            let at = harness.Profiles.First(profile => profile.Name == statement.Name).Location
            from limit in statement.Limits
            where !limit.Emulated
            select Diagnostic.Create("PB5050", Severity.Warning, verdict.Rid, limit.Limit, statement.Name, limit.How).At(at.File, at.Line, at.Column);
    }
}

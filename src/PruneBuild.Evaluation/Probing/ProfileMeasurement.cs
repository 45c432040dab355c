using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Probing;

/// <summary>Measures parent and candidate under one profile, each in a process of its own that the profile's limits hold for alone, in turn.</summary>
public static class ProfileMeasurement
{
    /// <summary>Loads both a few times, times them in ABBA blocks, and asks for their memory. The caller holds the <see cref="MeasurementLock"/>.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="parent">The dense parent.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="cases">The case of each block.</param>
    /// <param name="options">How often; <see cref="LatencyOptions.Blocks"/> is that of the cases.</param>
    /// <param name="cancellation">Ends it between two inferences.</param>
    /// <returns>The figures; RID, state and what they are of is for the caller to fill in.</returns>
    public static PerformanceRecord Measure(
        ResourceProfile profile, IModelProbe parent, IModelProbe candidate, TimedCases cases, LatencyOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(options);
        var before = new ProbedModel(parent);
        var after = new ProbedModel(candidate);
        for (var i = 0; i < options.Loads; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var model in i % 2 == 0 ? [before, after] : (ProbedModel[])[after, before]) model.Load();
        }
        var (parentSeconds, candidateSeconds) = InterleavedRuns.Measure(before.Run, after.Run, options with { Blocks = cases.Blocks.Count }, cancellation);
        before.AskPeak();
        after.AskPeak();
        return new PerformanceRecord("", profile.Name, MeasurementState.Measured)
        {
            ProfileLimits = profile.Limits,
            Blocks = [.. cases.Blocks.Take(candidateSeconds.Length / InterleavedRuns.PerBlock)],
            Parent = before.Figures(parentSeconds, profile),
            Candidate = after.Figures(candidateSeconds, profile),
            Limits = after.Limits,
        };
    }
}

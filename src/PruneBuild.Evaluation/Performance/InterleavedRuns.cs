namespace PruneBuild.Evaluation.Performance;

/// <summary>
/// Runs parent and candidate in turn, in blocks of parent, candidate, candidate, parent (ABBA), so that what slows the machine slows both and a
/// steady drift cancels inside of a block.
/// </summary>
public static class InterleavedRuns
{
    /// <summary>Inferences of each model in a block.</summary>
    public const int PerBlock = 2;

    private const int FewestBlocks = 10;
    private const int MostWarmUps = 20;

    /// <summary>Warms both models up and times them in turn. The caller holds the <see cref="MeasurementLock"/>.</summary>
    /// <param name="parent">One inference of the parent on the input of a block; its seconds, or NaN where it no longer runs.</param>
    /// <param name="candidate">The same of the candidate.</param>
    /// <param name="options">How often.</param>
    /// <param name="cancellation">Ends it between two inferences.</param>
    /// <returns>Seconds of parent and candidate, two for each block that was run, in order.</returns>
    public static (double[] Parent, double[] Candidate) Measure(
        Func<int, double> parent, Func<int, double> candidate, LatencyOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Blocks, 2);
        var spent = 0.0;
        double Run(Func<int, double> model, int block)
        {
            cancellation.ThrowIfCancellationRequested();
            var seconds = model(block);
            if (!double.IsNaN(seconds)) spent += seconds;
            return seconds;
        }

        for (var i = 0; i < options.WarmUp || (spent < options.WarmUpSeconds && i < options.WarmUp * MostWarmUps); i++)
        {
            Run(parent, i % options.Blocks);
            Run(candidate, i % options.Blocks);
        }
        spent = 0;
        var (parentSeconds, candidateSeconds) = (new List<double>(), new List<double>());
        for (var block = 0; block < options.Blocks && (spent < options.Seconds || block < FewestBlocks); block++)
        {
            parentSeconds.Add(Run(parent, block));
            candidateSeconds.Add(Run(candidate, block));
            candidateSeconds.Add(Run(candidate, block));
            parentSeconds.Add(Run(parent, block));
        }
        return ([.. parentSeconds], [.. candidateSeconds]);
    }
}

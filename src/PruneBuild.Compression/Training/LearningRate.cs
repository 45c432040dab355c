namespace PruneBuild.Compression.Training;

/// <summary>The learning rate: a linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017, without restarts).</summary>
internal static class LearningRate
{
    /// <summary>The rate of a step.</summary>
    /// <param name="options">Peak, warm-up and budget.</param>
    /// <param name="step">Steps taken so far.</param>
    /// <param name="elapsed">Time taken so far.</param>
    public static double At(TrainingOptions options, int step, TimeSpan elapsed)
    {
        if (step < options.WarmupSteps)
            return options.LearningRate * (step + 1) / options.WarmupSteps;
        var done = (step - options.WarmupSteps) / (double)Math.Max(1, options.Steps - options.WarmupSteps);
        if (options.Time is { } time)
            done = Math.Max(done, elapsed / time);
        return options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, done)));
    }
}

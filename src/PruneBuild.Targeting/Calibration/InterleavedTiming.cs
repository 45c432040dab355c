using System.Diagnostics;

namespace PruneBuild.Targeting.Calibration;

/// <summary>
/// Times models in turns, so that all of them see the same disturbances, and takes medians, which a few disturbed turns do not move.
/// </summary>
internal static class InterleavedTiming
{
    /// <summary>Seconds of one run of each model, its weights in the cache.</summary>
    /// <param name="models">What to time.</param>
    /// <param name="rounds">Turns of each.</param>
    /// <param name="turnSeconds">About how long a turn lasts; at least one run.</param>
    public static double[] Medians(IReadOnlyList<TimedModel> models, int rounds, double turnSeconds)
    {
        var repeats = new int[models.Count];
        for (var i = 0; i < models.Count; i++)
        {
            WarmUp(models[i], turnSeconds);
            repeats[i] = (int)Math.Clamp(turnSeconds / Seconds(models[i], 1), 1, 1000);
        }

        var turns = models.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < models.Count; i++)
            {
                // The turns before drove the weights out of the cache; this run brings them back.
                models[i].Run();
                turns[i][round] = Seconds(models[i], repeats[i]);
            }
        }

        return [.. turns.Select(Median)];
    }

    /// <summary>Code that runs for the first times is not the code that the JIT leaves in the end.</summary>
    /// <param name="model">What to run.</param>
    /// <param name="seconds">Of a turn; ten of them at most.</param>
    public static void WarmUp(TimedModel model, double seconds)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 60 && (i == 0 || Stopwatch.GetElapsedTime(start).TotalSeconds < 10 * seconds); i++)
            model.Run();
    }

    /// <summary>Seconds of one run.</summary>
    public static double Seconds(TimedModel model, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
            model.Run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }

    /// <summary>The middle value; the mean of the two in the middle of an even number.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

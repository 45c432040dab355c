namespace PruneBuild.Evaluation.Performance;

/// <summary>How long a model takes from its files to the first answer.</summary>
/// <param name="LoadSeconds">Median time to open a session.</param>
/// <param name="FirstSeconds">Median time of the first inference of a session.</param>
/// <param name="Repeats">How many sessions were opened.</param>
public sealed record LoadTime(double LoadSeconds, double FirstSeconds, int Repeats)
{
    /// <summary>Opens sessions one after the other. The first finds cold files, the others warm ones; the median is that of warm files.</summary>
    /// <param name="open">Opens a session.</param>
    /// <param name="run">One inference of it.</param>
    /// <param name="repeats">How many times, at least 1.</param>
    /// <param name="clock">What measures time; the system's without it.</param>
    public static LoadTime Measure<T>(Func<T> open, Action<T> run, int repeats = 5, TimeProvider? clock = null)
        where T : IDisposable
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeats, 1);
        clock ??= TimeProvider.System;
        var (load, first) = (new double[repeats], new double[repeats]);
        for (var i = 0; i < repeats; i++)
        {
            var start = clock.GetTimestamp();
            using var session = open();
            var opened = clock.GetTimestamp();
            run(session);
            load[i] = clock.GetElapsedTime(start, opened).TotalSeconds;
            first[i] = clock.GetElapsedTime(opened).TotalSeconds;
        }
        return new LoadTime(Median.Of(load), Median.Of(first), repeats);
    }
}

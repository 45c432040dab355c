using System.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Times whole texts on parent and candidate in turn, as <see cref="TimedRun"/> does single cases.</summary>
public static class TimedWriting
{
    private const int MostCases = 50;
    private const int Runs = 2;

    /// <summary>Times cases spread evenly over all of them; of each the shorter of two runs counts.</summary>
    /// <param name="parent">The dense parent.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="harness">A harness of texts.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Diagnostics.PruneBuildException">As <see cref="ITextGenerator.Write"/>.</exception>
    public static CaseTimes Measure(ITextGenerator parent, ITextGenerator candidate, Harness harness, CaseSet cases, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        double[] parentTimes = [.. Enumerable.Repeat(double.NaN, cases.Count)], candidateTimes = [.. Enumerable.Repeat(double.NaN, cases.Count)];
        double Time(ITextGenerator model, int index)
        {
            var start = Stopwatch.GetTimestamp();
            model.Write(cases.Id(index), cases.Tasks[index].Writing!.Prompt, harness.Settings.Writing!, cancellation);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var every = (cases.Count + MostCases - 1) / MostCases;
        Time(parent, 0);
        Time(candidate, 0);
        for (var index = 0; index < cases.Count; index += every)
        {
            var (before, after) = (double.PositiveInfinity, double.PositiveInfinity);
            for (var run = 0; run < Runs; run++)
            {
                if (run % 2 == 0) before = Math.Min(before, Time(parent, index));
                after = Math.Min(after, Time(candidate, index));
                if (run % 2 == 1) before = Math.Min(before, Time(parent, index));
            }
            (parentTimes[index], candidateTimes[index]) = (before, after);
        }
        return new CaseTimes(parentTimes, candidateTimes, null);
    }
}

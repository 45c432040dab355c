using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Evaluation;

/// <summary>
/// Times single cases, one at a time, on parent and candidate in turn (ABBA), so that what else the machine does hits both. Of each case the
/// shortest of a few runs counts: what is longer was disturbed.
/// </summary>
public static class TimedRun
{
    private const int MostCases = 200;
    private const int WarmUps = 10;
    private const int Runs = 3;

    /// <summary>Times cases spread evenly over all of them.</summary>
    /// <param name="parentPath">The dense parent.</param>
    /// <param name="candidatePath">The candidate.</param>
    /// <param name="harness">Task, input and output.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="threads">Threads inside an operator.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <exception cref="Diagnostics.PruneBuildException">As <see cref="ModelRun.Evaluate"/>.</exception>
    public static CaseTimes Measure(string parentPath, string candidatePath, Harness harness, CaseSet cases, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        double[] parentTimes = [.. Enumerable.Repeat(double.NaN, cases.Count)], candidateTimes = [.. Enumerable.Repeat(double.NaN, cases.Count)];
        var every = (cases.Count + MostCases - 1) / MostCases;
        return ModelRun.With(parentPath, harness, threads, null, parent => ModelRun.With(candidatePath, harness, threads, null, candidate =>
        {
            var (askParent, askCandidate) = (Asking(parent, harness), Asking(candidate, harness));
            foreach (var (index, inputs) in Inputs(harness, cases, every))
            {
                for (var i = 0; index == 0 && i < WarmUps; i++)
                {
                    askParent(inputs);
                    askCandidate(inputs);
                }
                var (before, after) = (double.PositiveInfinity, double.PositiveInfinity);
                for (var run = 0; run < Runs; run++)
                {
                    if (run % 2 == 0) before = Math.Min(before, Milliseconds(askParent, inputs));
                    after = Math.Min(after, Milliseconds(askCandidate, inputs));
                    if (run % 2 == 1) before = Math.Min(before, Milliseconds(askParent, inputs));
                }
                (parentTimes[index], candidateTimes[index]) = (before, after);
            }
            return new CaseTimes(parentTimes, candidateTimes, null);
        }, cancellation), cancellation);
    }

    private static double Milliseconds(Action<IReadOnlyList<ModelInput>> ask, IReadOnlyList<ModelInput> inputs)
    {
        var start = Stopwatch.GetTimestamp();
        ask(inputs);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static IEnumerable<(int Index, IReadOnlyList<ModelInput> Inputs)> Inputs(Harness harness, CaseSet cases, int every) => cases.Tasks.Count > 0
        ? from index in Enumerable.Range(0, cases.Count) where index % every == 0 select (index, cases.Tasks[index].Inputs)
        : from batch in cases.Batches(1)
          where batch.Input.First % every == 0
          select (batch.Input.First, (IReadOnlyList<ModelInput>)[ModelInput.OfNumbers(batch.Input.Data)]);

    // All of a case: the choices of a question, the windows of a text.
    private static Action<IReadOnlyList<ModelInput>> Asking(RunningModel model, Harness harness)
    {
        if (harness.Settings.TakesTokens)
        {
            var feeds = TokenFeeds.Of(model, harness.Settings.TokenInput);
            return inputs =>
            {
                foreach (var input in inputs)
                {
                    var values = feeds.Create(Array.ConvertAll(input.Tokens, token => (long)token), 1, input.Tokens.Length);
                    try
                    {
                        model.Run(values, _ => true, found => model.WrongOutput(found, "numbers"));
                    }
                    finally
                    {
                        foreach (var (_, value) in values) value.Dispose();
                    }
                }
            };
        }
        var name = TensorRun.InputOf(model, harness);
        return inputs =>
        {
            foreach (var input in inputs) TensorRun.Run(model, harness, name, new InputBatch(input.Numbers, harness.Input.BatchShape(1), 0, 1));
        };
    }
}

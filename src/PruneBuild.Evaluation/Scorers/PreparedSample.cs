namespace PruneBuild.Evaluation.Scorers;

/// <summary>A sample whose score can be taken over any of its cases, also over some of them several times, as a bootstrap does.</summary>
/// <param name="count">Number of cases.</param>
/// <param name="measure">The score over the given cases, of which there is at least one.</param>
public sealed class PreparedSample(int count, Func<ReadOnlySpan<int>, Score> measure)
{
    /// <summary>Number of cases.</summary>
    public int Count => count;

    /// <summary>What has to be the same for two scores to be comparable (sacreBLEU's signature, a perplexity's protocol); null for most.</summary>
    public string? Signature { get; init; }

    /// <summary>A sample that has no score, whatever is drawn from it.</summary>
    public static PreparedSample NotMeasured(int count, string reason) => new(count, _ => Score.NotMeasured(reason));

    /// <summary>The score over the given cases.</summary>
    /// <param name="cases">Indices from 0 to <see cref="Count"/> − 1, in any order, with repetitions.</param>
    public Score Measure(ReadOnlySpan<int> cases) => cases.IsEmpty ? Score.NotMeasured("no cases") : measure(cases);

    /// <summary>The score over all cases.</summary>
    public Score MeasureAll() => Measure(Enumerable.Range(0, count).ToArray());

    /// <summary>
    /// The form that a bootstrap wants. It gives NaN for a resample that has no score, for example one with a single class: a
    /// bootstrap must count those and not average over the rest.
    /// </summary>
    public Func<ReadOnlySpan<int>, double> Resampled() => cases => Measure(cases).Value ?? double.NaN;
}

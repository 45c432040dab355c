namespace PruneBuild.Evaluation.Scorers;

/// <summary>F1 of one class against all others; not measured when the class is neither label nor answer of any case.</summary>
/// <param name="class">The class.</param>
public sealed class ClassF1(int @class) : SampleScorer<ClassificationCase>($"f1.class@{@class}", ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <inheritdoc/>
    public override PreparedSample Prepare(IReadOnlyList<ClassificationCase> cases) => ClassCounts.Prepare(cases, (counts, indices) =>
        indices.TryGetValue(@class, out var index) && counts.F1(index) is { } f1
            ? Score.Of(f1)
            : Score.NotMeasured($"class {@class} does not occur"));
}

namespace PruneBuild.Evaluation;

/// <summary>One cell of a confusion matrix that is not 0.</summary>
/// <param name="Label">Right class.</param>
/// <param name="Predicted">Predicted class, or <see cref="Predictions.NotFinite"/>.</param>
/// <param name="Count">Cases.</param>
public sealed record ConfusionCell(int Label, int Predicted, int Count)
{
    internal static IReadOnlyList<ConfusionCell> Tabulate(CaseSet cases, Predictions predictions) =>
    [
        .. cases.Labels.Zip(predictions.Classes)
            .CountBy(pair => pair)
            .OrderBy(cell => cell.Key)
            .Select(cell => new ConfusionCell(cell.Key.First, cell.Key.Second, cell.Value)),
    ];
}

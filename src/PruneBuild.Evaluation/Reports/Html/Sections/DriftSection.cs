using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Reports;

/// <summary>How far the numbers inside of the model moved, before any case is judged.</summary>
internal static class DriftSection
{
    private static readonly Table.Column[] Columns =
    [
        new("Model"), new("Output error", true), new("Divergence", true), new("95 %", true), new("99 %", true), new("Same answers", true), new("Loss change", true),
        new("Worst block cosine", true), new("Layer error", true), new("Tokens agreed", true), new("Largest value", true), new("Not finite", true),
    ];

    private static readonly Table.Column[] Terms = [new("Figure"), new("Pruning alone", true), new("Quantization alone", true), new("Both", true), new("Not additive", true)];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Drift is not { } drift) return null;
        (string Name, ArtifactModelDrift? Model)[] models = [("pruning alone", drift.Pruning), ("quantization alone", drift.Quantization), ("all that was done", drift.Both)];
        var figures = Table.Of($"Against the {drift.Parent}", Columns, models.Where(model => model.Model is not null).Select(model => Row(model.Name, model.Model!)));
        return new ReportSection(
            "drift", "Drift",
            "Numbers of the compressed model against its dense parent's on calibration data, before kernels of the target are chosen. Divergences are in nats.",
            Markup.Join([figures, Interaction(drift.Interaction ?? [])]));
    }

    private static IReadOnlyList<Markup> Row(string name, ArtifactModelDrift drift) =>
    [
        Markup.Of($"{name}"), Number(drift.OutputError), Number(drift.Kl), Number(drift.Kl95), Number(drift.Kl99), Markup.Of($"{Phrase.Percent(drift.Top1 ?? double.NaN)}"), Number(drift.LossChange),
        Number(drift.BlockCosine), Number(drift.LayerError), Number(drift.GreedyAgreement), Number(drift.Largest), Markup.Of($"{Phrase.Count(drift.NonFinite)}"),
    ];

    private static Markup Interaction(IReadOnlyList<ArtifactInteraction> terms) => terms.Count == 0 ? Markup.None : Table.Of("What pruning and quantization do to each other", Terms, terms.Select(term =>
        (IReadOnlyList<Markup>)[Markup.Of($"{Phrase.FromCamelCase(term.Figure)}"), Number(term.Pruning), Number(term.Quantization), Number(term.Both), Number(term.Rest)]));

    private static Markup Number(double? value) => Markup.Of($"{Phrase.Number(value)}");
}

using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What became of each layer: the damage, the kernel it runs on, and the kernels that were refused with the reasons.</summary>
internal static class LayerSection
{
    private const int MostPlotted = 40;

    private static readonly Table.Column[] Columns =
    [
        new("Layer"), new("Shape"), new("Pattern"), new("Zeros", true), new("Output error", true), new("Kernel"), new("Predicted", true), new("Speed-up", true),
        new("Bytes", true), new("Why"),
    ];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Layers.Count == 0 && report.Damage.Count == 0) return null;
        var sparse = report.Layers.Count(layer => layer.Pattern != "dense");
        return new ReportSection(
            "layers", "Layers",
            $"{Phrase.Count(sparse)} of {Phrase.Count(report.Layers.Count, "layer")} are pruned. A sparse kernel is taken only where it is predicted to win; what was refused is listed with the reason.",
            Markup.Join([Damage(report.Damage), Kernels(report.Layers)]));
    }

    private static Markup Damage(IReadOnlyList<LayerDamage> layers)
    {
        var measured = layers.Where(layer => layer.Pruned is not null || layer.Recovered is not null).ToList();
        if (measured.Count == 0) return Markup.None;
        var worst = measured.OrderByDescending(ErrorOf).Take(MostPlotted).ToHashSet();
        var rows = measured.Where(worst.Contains).Select(layer => new WhiskerRow(layer.Name, $"{layer.Pattern}, {Phrase.Percent(layer.Sparsity)}", Marks(layer))).ToList();
        var scale = LinearScale.Around(rows.SelectMany(row => row.Marks).Select(mark => mark.Value).Append(0), WhiskerPlot.Left, WhiskerPlot.Right, 0);
        var which = measured.Count > rows.Count ? $" The {rows.Count} worst of {measured.Count} layers." : "";
        return Markup.Of($"""
            <h3>Damage by layer</h3>
            <p class="legend"><span class="key parent"></span>after pruning <span class="key candidate"></span>after recovery. Relative error of the layer's output on the calibration data.{which}</p>
            {new WhiskerPlot("Relative output error of each layer after pruning and after recovery", scale, rows).ToMarkup()}
            """);
    }

    private static List<WhiskerMark> Marks(LayerDamage layer)
    {
        List<WhiskerMark> marks = [];
        if (layer.Pruned is { } pruned) marks.Add(new WhiskerMark(pruned, pruned, pruned, "parent", $"{layer.Name}: {Phrase.Number(pruned)} after pruning"));
        if (layer.Recovered is { } recovered)
            marks.Add(new WhiskerMark(recovered, recovered, layer.Pruned ?? recovered, "candidate", $"{layer.Name}: {Phrase.Number(recovered)} after recovery by {layer.Recovery}"));
        return marks;
    }

    private static double ErrorOf(LayerDamage layer) => layer.Recovered ?? layer.Pruned ?? 0;

    private static Markup Kernels(IReadOnlyList<ArtifactLayer> layers) => layers.Count == 0 ? Markup.None : Table.Of("Kernel of every layer", Columns, layers.Select(layer =>
    {
        var chosen = PredictedTimes.ChosenOf(layer);
        var times = PredictedTimes.Of([layer]);
        return (IReadOnlyList<Markup>)
        [
            Markup.Of($"<code>{layer.Name}</code><small>{layer.Op}</small>"),
            Markup.Of($"""<span class="whole">{Phrase.Count(layer.Outputs)} × {Phrase.Count(layer.Inputs)}</span>"""),
            Markup.Of($"{layer.Pattern}"),
            Markup.Of($"{Phrase.Percent(layer.Sparsity)}"),
            Markup.Of($"{Phrase.Number(layer.RelativeError)}"),
            Markup.Of($"""<code class="whole">{layer.Kernel}</code>"""),
            Markup.Of($"{(chosen is null ? "–" : Phrase.Microseconds(chosen.PredictedMicroseconds))}"),
            Markup.Of($"{(times.Chosen > 0 ? $"{Phrase.Factor(times.DenseFp32 / times.Chosen)} ×" : "–")}"),
            Markup.Of($"{Phrase.Count(layer.Bytes)}"),
            Why(layer),
        ];
    }));

    private static Markup Why(ArtifactLayer layer)
    {
        var refused = layer.Candidates.Where(candidate => candidate.Refused is not null).ToList();
        var others = layer.Candidates.Where(candidate => candidate.Refused is null && candidate.Kernel != layer.Kernel).ToList();
        return Markup.Of($"""
            <details><summary>{Summary(layer)}</summary><p>{layer.Reason}</p><ul>{others.Select(Slower)}{refused.Select(Refused)}</ul></details>
            """);
    }

    private static string Summary(ArtifactLayer layer) => layer.Candidates.Count == 0 ? "Reason" : $"Of {Phrase.Count(layer.Candidates.Count, "kernel")}";

    private static Markup Slower(ArtifactCandidate candidate) => Markup.Of($"<li><code>{candidate.Kernel}</code> {Phrase.Microseconds(candidate.PredictedMicroseconds)}, {Phrase.Bytes(candidate.Bytes)}</li>");

    private static Markup Refused(ArtifactCandidate candidate) => Markup.Of($"<li><code>{candidate.Kernel}</code> refused: {candidate.Refused}</li>");
}

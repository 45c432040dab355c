using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Reports;

/// <summary>What the recipe asked for and what it did beyond single layers.</summary>
internal static class RecipeSection
{
    private const int MostListed = 200;

    private static readonly Table.Column[] OptionColumns = [new("Option"), new("Value")];

    public static ReportSection? Of(EvaluationReport report)
    {
        if (report.Options.Count == 0 && report.Edits is null) return null;
        List<Markup> parts = [.. Edits(report.Edits ?? new ArtifactEdits())];
        if (report.Options.Count > 0)
        {
            parts.Add(Table.Of("Options of the recipe", OptionColumns, report.Options
                .OrderBy(option => option.Key, StringComparer.Ordinal)
                .Select(option => (IReadOnlyList<Markup>)[Markup.Of($"<code>{option.Key}</code>"), Markup.Of($"{option.Value}")])));
        }
        return new ReportSection("recipe", "What the recipe did", "Edits beyond single layers in the order they were made, then every option that decided the result.", Markup.Join(parts));
    }

    private static IEnumerable<Markup> Edits(ArtifactEdits edits)
    {
        if (edits.Structured is { Count: > 0 } structured)
        {
            yield return Table.Of("Channels and neurons removed", [new("Dimension"), new("Before", true), new("Kept", true), new("Why all stayed")], structured.Take(MostListed).Select(dimension =>
                Row(dimension.Name, Phrase.Count(dimension.Units), Phrase.Count(dimension.Kept?.Count ?? dimension.Units), dimension.Reason)));
        }
        if (edits.Budget is { } budget)
        {
            yield return Markup.Of($"""
                <p>The budget of {Phrase.Number(budget.Most)} {budget.Unit} led to a sparsity of {Phrase.Percent(budget.Sparsity)}, at which {Phrase.Number(budget.Predicted)} {budget.Unit} are predicted.</p>

                """);
        }
        if (edits.Redistributions is { Count: > 0 } moved)
        {
            yield return Table.Of("Importance moved to other weights", [new("Channels"), new("Method"), new("Units", true), new("Why they stayed")], moved.Take(MostListed).Select(group =>
                Row(group.Name, group.Method, Phrase.Count(group.Units), group.Reason)));
        }
        if (edits.Permutations is { Count: > 0 } permuted)
        {
            yield return Table.Of("Channels reordered", [new("Dimension"), new("Units", true), new("Score before", true), new("Score after", true), new("Why the order stayed")], permuted.Take(MostListed).Select(order =>
                Row(order.Name, Phrase.Count(order.Units), Phrase.Number(order.Before), Phrase.Number(order.After), order.Reason)));
        }
        if (edits.BatchNormalizations is { } normalizations)
            yield return Markup.Of($"<p>The statistics of {Phrase.Count(normalizations, "batch normalization")} were measured anew.</p>\n");
        if (edits.Training is { Count: > 0 } trainings)
        {
            yield return Table.Of("Training towards the dense parent", [new("Method"), new("Steps", true), new("Parameters", true), new("Loss before", true), new("Loss after", true), new("Ended by")], trainings.Select(training =>
                Row(training.Method, Phrase.Count(training.Steps), Phrase.Count(training.Parameters), Phrase.Number(training.LossBefore), Phrase.Number(training.LossAfter), training.StopReason)));
        }
        if (edits.Mixed is { } mixed)
            yield return Mixed(mixed);
        if (edits.Quantization is not { } quantized)
            yield break;
        if (quantized.ActivationRounding is { } change)
            yield return Markup.Of($"<p>Activations rounded to int8 change the model's output by {Phrase.Percent(change)} on calibration data.</p>\n");
        if (quantized.Embeddings is { Count: > 0 } embeddings)
        {
            yield return Table.Of("Embeddings", [new("Table"), new("Rows", true), new("Features", true), new("Bits", true), new("Why it stayed float")], embeddings.Take(MostListed).Select(table =>
                Row(table.Name, Phrase.Count(table.Rows), Phrase.Count(table.Features), Phrase.Count(table.Bits), table.Reason)));
        }
        if (quantized.LeftAlone is { Count: > 0 } left)
            yield return Table.Of("Weights left alone", [new("Operator"), new("Why")], left.Take(MostListed).Select(one => Row(one.Name, one.Reason)));
    }

    private static Markup Mixed(ArtifactMixedPrecision mixed) => Table.Of(
        $"Precisions by {mixed.Search} within {Phrase.Number(mixed.Most)} {mixed.Unit}: {Phrase.Bytes(mixed.Bytes)}, divergence {Phrase.Number(mixed.Kl)} nats",
        [new("Layer"), new("Bits", true), new("Divergence of fewer bits, alone"), new("Why not others")], mixed.Weights.Take(MostListed).Select(weight =>
            Row(weight.Layer, Phrase.Count(weight.Bits), string.Join(", ", weight.Options.Where(option => option.Bits < 32).Select(option => $"{option.Bits} bits {Phrase.Number(option.Kl)}")), weight.Reason)));

    private static IReadOnlyList<Markup> Row(params string?[] cells) => [.. cells.Select(cell => Markup.Of($"{cell}"))];
}

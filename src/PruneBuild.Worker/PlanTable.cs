using System.Globalization;
using System.Text;
using PruneBuild.Targeting;

namespace PruneBuild.Worker;

/// <summary>A plan as aligned text, a line for each layer.</summary>
internal static class PlanTable
{
    private const int LongestName = 36;
    private const int TextColumns = 2;

    private static readonly string[] Header =
        ["layer", "op", "outputs x inputs", "rows", "MB", "fp32 us", "int8 us", "int4 us", "best sparse kernel", "us", "gain", "decision"];

    public static string Write(ModelPlan plan, ModelPlanOptions options)
    {
        var text = new StringBuilder();
        text.AppendLine(Line($"{plan.Device.Id} ({plan.Device.Rid}): {plan.Device.Description}"));
        text.AppendLine(Assumption(options));
        text.AppendLine();
        AppendAligned(text, [Header, .. plan.Layers.Select(Row)]);
        text.AppendLine();
        AppendTotals(text, plan);
        foreach (var name in plan.Unplanned)
            text.AppendLine(Line($"not planned: {name}, whose output positions the model does not give"));
        return text.ToString();
    }

    private static string Assumption(ModelPlanOptions options) => options.Sparsity is not { } sparsity
        ? "sparsity: the zeros that the weights have"
        : Line($"sparsity: {sparsity:P0} assumed, {options.Pattern?.ToString() ?? "in the pattern that suits each kernel"}");

    private static string[] Row(LayerPlan plan)
    {
        var layer = plan.Layer;
        var (dense, sparse) = (ModelPlan.BestDense(plan), ModelPlan.BestSparse(plan));
        string Dense(string precision)
        {
            var candidate = plan.Candidates.First(candidate => !candidate.IsSparse && candidate.Precision == precision);
            return candidate.Obstacle is null ? Line($"{candidate.Microseconds:F1}") : Line($"({candidate.Microseconds:F1})");
        }

        return
        [
            Short(layer.Name), layer.Op, Line($"{layer.Outputs} x {layer.Inputs}"), Line($"{layer.BatchRows}"), Line($"{dense.Bytes / 1e6:F2}"),
            Dense("fp32"), layer.IsConv ? "-" : Dense("int8"), layer.IsConv ? "-" : Dense("int4"),
            sparse is null ? "-" : Line($"{sparse.Kernel} {sparse.Sparsity:P0}"),
            sparse is null ? "-" : Line($"{sparse.Microseconds:F1}"),
            sparse is null ? "-" : Line($"{dense.Microseconds / sparse.Microseconds:F2}x"),
            Decision(plan, sparse),
        ];
    }

    private static string Decision(LayerPlan plan, KernelCandidate? sparse) =>
        plan.Chosen.IsSparse ? "sparse" + Measured(plan)
        : plan.Layer.Obstacle is { } obstacle ? $"{plan.Chosen.Kernel}: {obstacle}"
        : sparse is null ? $"{plan.Chosen.Kernel}: no sparse kernel can run it"
        : plan.Reason.Contains("measured", StringComparison.Ordinal) ? $"{plan.Chosen.Kernel}{Measured(plan)}"
        : Line($"{plan.Chosen.Kernel}: sparse must win by {KernelPlanner.RequiredGain:P0}");

    private static string Measured(LayerPlan plan)
    {
        var start = plan.Reason.IndexOf("measured", StringComparison.Ordinal);
        return start < 0 ? "" : $", {plan.Reason[start..].Split(';')[0]}";
    }

    private static void AppendTotals(StringBuilder text, ModelPlan plan)
    {
        var fp32 = plan.Layers.Select(layer => layer.Candidates.First(candidate => !candidate.IsSparse && candidate.Precision == "fp32")).ToList();
        (string Name, IReadOnlyList<KernelCandidate> Kernels)[] totals =
        [
            ("dense fp32", fp32),
            ("best dense", [.. plan.Layers.Select(ModelPlan.BestDense)]),
            ("chosen", [.. plan.Layers.Select(layer => layer.Chosen)]),
        ];
        var slowest = fp32.Sum(kernel => kernel.Microseconds);
        AppendAligned(text, [["total", "", "ms", "MB", "gain"], .. totals.Select(total =>
        {
            var microseconds = total.Kernels.Sum(kernel => kernel.Microseconds);
            return new[]
            {
                total.Name, "", Line($"{microseconds / 1e3:F2}"), Line($"{total.Kernels.Sum(kernel => kernel.Bytes) / 1e6:F1}"),
                Line($"{(microseconds > 0 ? slowest / microseconds : 1):F2}x"),
            };
        })]);
        text.AppendLine(Line($"{plan.Layers.Count(layer => layer.Chosen.IsSparse)} of {plan.Layers.Count} layers sparse; times are predicted, of these layers alone; (in brackets: not allowed)"));
    }

    /// <summary>The first columns and the last are text and start flush; numbers end flush.</summary>
    private static void AppendAligned(StringBuilder text, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) =>
                column < TextColumns || column == Header.Length - 1 || column == Array.IndexOf(Header, "best sparse kernel")
                    ? cell.PadRight(widths[column])
                    : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>The end of a long name tells layers apart.</summary>
    private static string Short(string name) => name.Length <= LongestName ? name : string.Concat("…", name.AsSpan(name.Length - LongestName + 1));

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture).Replace(" %", "%", StringComparison.Ordinal);
}

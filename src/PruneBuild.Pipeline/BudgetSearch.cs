using System.Globalization;
using PruneBuild.Compression.Pruning;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Finds the least sparsity at which the planner predicts that a model meets a budget on the target. Nothing is pruned for it: the
/// planner is given the zeros that pruning would leave.
/// </summary>
internal static class BudgetSearch
{
    private const double Most = 0.95;
    private const double Step = 0.05;
    private const int BisectionSteps = 8;

    /// <exception cref="PruneBuildException">PB3023 at the budget: the highest sparsity is not enough.</exception>
    public static ArtifactBudget Find(OnnxModel model, Device device, Recipe recipe, PruneStep step, PruneOptions options)
    {
        var budget = step.Budget!;
        double Cost(double sparsity) => Predicted(model, device, recipe, step, options with { Sparsity = sparsity }, budget.Unit);
        var fits = Grid(step).Select(sparsity => (Sparsity: sparsity, Cost: Cost(sparsity))).ToList();
        var first = fits.FindIndex(point => point.Cost <= budget.Most);
        if (first < 0)
        {
            var best = fits.MinBy(point => point.Cost);
            throw budget.At.Error("PB3023", Text(budget.Most, budget.Unit), Text(best.Cost, budget.Unit), best.Sparsity.ToString("0.##", CultureInfo.InvariantCulture), device.Id);
        }
        var (low, high) = (first == 0 ? 0 : fits[first - 1].Sparsity, fits[first]);
        for (var halving = 0; halving < BisectionSteps && first > 0; halving++)
        {
            var middle = (low + high.Sparsity) / 2;
            if (Cost(middle) is var cost && cost <= budget.Most)
                high = (middle, cost);
            else
                low = middle;
        }
        return new ArtifactBudget(budget.Unit == PruneBudgetUnit.Milliseconds ? "milliseconds" : "bytes", budget.Most, high.Cost, high.Sparsity);
    }

    private static IEnumerable<double> Grid(PruneStep step)
    {
        var most = step.Pattern == "unstructured" && !step.AllowExtremeSparsity && step.Gradual is null ? ModelPruner.ExtremeSparsity : Most;
        for (var index = 0; index * Step <= most + (Step / 2); index++)
            yield return index * Step;
    }

    private static double Predicted(OnnxModel model, Device device, Recipe recipe, PruneStep step, PruneOptions options, PruneBudgetUnit unit)
    {
        var sparsities = ModelPruner.Sparsities(model, options);
        var plan = ModelPlan.Of(model, device, new ModelPlanOptions
        {
            Planning = new PlanOptions { Precisions = recipe.Quantize is null ? null : new HashSet<WeightPrecision> { WeightPrecision.FullPrecision, WeightPrecision.EightBit } },
            BatchSize = recipe.Batch,
            Pattern = ZeroPattern.Parse(step.Pattern),
            Sparsity = options.Sparsity,
            LayerSparsity = site => sparsities[site.OutputName],
        });
        return unit == PruneBudgetUnit.Milliseconds
            ? plan.Layers.Sum(layer => layer.Chosen.Microseconds) / 1000
            : plan.Layers.Sum(layer => layer.Chosen.Bytes);
    }

    private static string Text(double value, PruneBudgetUnit unit) => unit == PruneBudgetUnit.Milliseconds
        ? string.Create(CultureInfo.InvariantCulture, $"{value:0.####} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{value:N0} bytes");
}

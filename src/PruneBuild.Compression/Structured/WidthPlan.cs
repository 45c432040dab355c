using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Structured;

/// <summary>How many units each class keeps for a budget.</summary>
internal sealed class WidthPlan
{
    private const int BisectionSteps = 40;

    private readonly IReadOnlyList<CoupledUnits> classes;
    private readonly StructuredCost cost;
    private readonly StructuredBudget budget;

    private WidthPlan(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options) =>
        (this.classes, cost, budget) = (classes, new StructuredCost(model, classes, options), options.Budget);

    private double Most => budget.Remaining * cost.Dense;

    /// <summary>
    /// The same fraction of every class, in multiples; what rounding leaves of the budget goes to the classes that keep the smallest
    /// fraction.
    /// </summary>
    /// <returns>Units to keep, one number a class.</returns>
    /// <exception cref="PruneBuildException">PB3022: even the narrowest widths cost more.</exception>
    public static IReadOnlyList<int> Uniform(OnnxModel model, IReadOnlyList<CoupledUnits> classes, StructuredOptions options)
    {
        var plan = new WidthPlan(model, classes, options);
        if (options.Budget.Unit == BudgetUnit.Units)
            return plan.Widths(options.Budget.Remaining);
        plan.RequireReachable();
        // Cost never falls as the fraction grows, so the widest that fits is found by bisection.
        double low = 0, high = 1;
        for (var step = 0; step < BisectionSteps; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = plan.cost.Of(plan.Widths(middle)) <= plan.Most ? (middle, high) : (low, middle);
        }
        var widths = plan.Widths(low);
        plan.Fill(widths, index => widths[index] / (double)classes[index].Class.Size);
        return widths;
    }

    /// <summary>
    /// Marginal analysis (Fox 1966): of all steps down, the one goes next that adds the least error for what it saves, until the budget is
    /// met; what is left of it then takes back the errors that are largest. Where units are counted, saving is of multiply-accumulates until
    /// so many units are gone.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="curves">For each class the summed error of its readers by units kept, [units + 1].</param>
    /// <param name="options">The budget and the multiples.</param>
    /// <returns>Units to keep, one number a class.</returns>
    /// <exception cref="PruneBuildException">PB3022: even the narrowest widths cost more.</exception>
    public static IReadOnlyList<int> ByError(OnnxModel model, IReadOnlyList<CoupledUnits> classes, IReadOnlyList<double[]> curves, StructuredOptions options)
    {
        var plan = new WidthPlan(model, classes, options);
        plan.RequireReachable();
        var widths = plan.Widths(1);
        while (!plan.IsMet(widths) && plan.Cheapest(widths, curves) is { } step)
            widths[step.Index] = step.Width;
        plan.Fill(widths, index => -curves[index][widths[index]]);
        return widths;
    }

    private bool IsMet(int[] widths) => budget.Unit == BudgetUnit.Units
        ? widths.Sum() <= budget.Remaining * classes.Sum(units => units.Class.Size)
        : cost.Of(widths) <= Most;

    private void RequireReachable()
    {
        var narrowest = Widths(0);
        if (IsMet(narrowest))
            return;
        var (left, dense, what) = budget.Unit switch
        {
            BudgetUnit.Units => (narrowest.Sum(), classes.Sum(units => units.Class.Size), "the units"),
            BudgetUnit.Macs => (cost.Of(narrowest), cost.Dense, "the MACs"),
            _ => (cost.Of(narrowest), cost.Dense, "the bytes"),
        };
        throw new PruneBuildException("PB3022", budget.Remaining, what, (Math.Ceiling(left / dense * 1000) / 1000).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The step down that costs the least error for what it saves; ties by class, then the wider.</summary>
    private (int Index, int Width)? Cheapest(int[] widths, IReadOnlyList<double[]> curves)
    {
        var (best, price, now) = ((Index: -1, Width: 0), double.PositiveInfinity, cost.Of(widths));
        int[] trial = [.. widths];
        for (var index = 0; index < widths.Length; index++)
        {
            foreach (var width in cost.Below(index, widths[index]))
            {
                trial[index] = width;
                var one = (curves[index][width] - curves[index][widths[index]]) / Math.Max(now - cost.Of(trial), double.Epsilon);
                if (one < price)
                    (best, price) = ((index, width), one);
            }
            trial[index] = widths[index];
        }
        return best.Index < 0 ? null : best;
    }

    /// <summary>Widens classes by one multiple, the least of a priority first and ties by index, while the budget holds.</summary>
    private void Fill(int[] widths, Func<int, double> priority)
    {
        for (var found = true; found;)
        {
            found = false;
            foreach (var index in Enumerable.Range(0, widths.Length).OrderBy(priority).ToList())
            {
                var (before, wider) = (widths[index], cost.AtLeast(index, widths[index] + 1));
                widths[index] = wider;
                found = wider > before && IsMet(widths);
                if (found)
                    break;
                widths[index] = before;
            }
        }
    }

    private int[] Widths(double fraction) => [.. classes.Select((units, index) => cost.AtLeast(index, (int)Math.Ceiling(units.Class.Size * fraction)))];
}

using PruneBuild.Compression.Structured;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>structured</c> section of a recipe.</summary>
internal static class StructureReader
{
    private const int LargestMultiple = 4096;

    private static readonly (string Name, BudgetUnit Unit)[] Units = [("macs", BudgetUnit.Macs), ("bytes", BudgetUnit.Bytes), ("units", BudgetUnit.Units)];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static StructureStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly("budget", "widths", "criterion", "recovery", "align", "skip");
        var step = new StructureStep(Budget(json))
        {
            Widths = json.Known("widths", hasCalibration ? "output-error" : "uniform", ["uniform", "output-error"]),
            Criterion = json.Known("criterion", "l2", UnitCriteria.Names),
            Recovery = json.Recovery(hasCalibration),
            Align = json.Has("align") ? json.WholeNumber("align", 1, LargestMultiple) : null,
            Skip = json.Names("skip"),
        };
        json.NeedsCalibration("recovery", step.Recovery, step.Recovery != "none", hasCalibration);
        var criterion = UnitCriteria.Get(step.Criterion);
        json.NeedsCalibration("criterion", step.Criterion, criterion.NeedsStatistics || criterion.NeedsGradients, hasCalibration);
        return step;
    }

    private static StructuredBudget Budget(JsonSection json)
    {
        var budget = json.Section("budget");
        budget.AllowOnly([.. Units.Select(unit => unit.Name)]);
        var given = Units.Where(unit => budget.Has(unit.Name)).ToList();
        if (given.Count != 1)
            throw json.Invalid("budget", "one of macs, bytes and units is expected");
        var (name, kind) = given[0];
        return budget.Number(name) is var remaining and > 0 and <= 1
            ? new StructuredBudget(kind, remaining)
            : throw budget.Invalid(name, "the fraction that stays is expected, above 0 and at most 1");
    }
}

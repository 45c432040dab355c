using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>The accuracy of guessing, which a chance-adjusted retention is measured from.</summary>
/// <param name="Accuracy">0 to below 1, or null for the share of a slice's most frequent label.</param>
public sealed record ChanceLevel(double? Accuracy)
{
    private const string Majority = "majority";

    /// <summary>The value on a slice.</summary>
    /// <param name="cases">All cases.</param>
    /// <param name="slice">Index of the slice.</param>
    public double On(CaseSet cases, int slice)
    {
        ArgumentNullException.ThrowIfNull(cases);
        if (Accuracy is { } given) return given;
        var labels = cases.Labels.Where((_, index) => cases.IsIn(index, slice)).ToList();
        return (double)labels.CountBy(label => label).Max(count => count.Value) / labels.Count;
    }

    /// <summary>Reads the key <c>chance</c> of a floor; null when it is missing.</summary>
    /// <exception cref="PruneBuildException">PB1012 at the value.</exception>
    internal static ChanceLevel? Parse(JsonSection entry)
    {
        const string key = "chance";
        if (!entry.Has(key)) return null;
        if (!entry.Has("retention")) throw entry.Invalid(key, "only retention is measured from chance");
        if (entry.Required(key).Type == JTokenType.String) return new ChanceLevel(entry.OneOf(key, (Majority, (double?)null)));
        var chance = entry.Number(key, 0, 1);
        return chance < 1 ? new ChanceLevel(chance) : throw entry.Invalid(key, "less than 1 is expected");
    }
}

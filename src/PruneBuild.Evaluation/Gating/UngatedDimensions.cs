using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Dimensions that a harness names and no floor is about: they are measured and decide nothing.</summary>
public static class UngatedDimensions
{
    /// <summary>PB1201 at each of them, with the slices that it has no floor on.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="cases">Its cases.</param>
    public static IEnumerable<Diagnostic> Of(Harness harness, CaseSet cases)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        return from dimension in harness.Dimensions
               let floors = harness.Floors.Where(floor => floor.Dimension == dimension.Name).Select(floor => floor.Slice).ToHashSet(StringComparer.Ordinal)
               let open = (harness.IsMeasured(dimension.Name) ? cases.TimedSlices : cases.Slices).Where(slice => !floors.Contains(slice) && !floors.Contains(SliceName.Every)).ToList()
               where open.Count > 0
               select dimension.Location.Error("PB1201", dimension.Name, string.Join(", ", open)).Diagnostic with { Severity = Severity.Warning };
    }
}

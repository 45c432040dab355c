using Newtonsoft.Json;

namespace PruneBuild.Evaluation;

/// <summary>What a scorer or a dimension says of parent and candidate on one slice.</summary>
/// <param name="Name">The scorer or the dimension.</param>
/// <param name="Slice">The slice; <c>*</c> for all cases.</param>
/// <param name="Cases">Number of cases.</param>
public sealed record MeasuredScore(string Name, string Slice, int Cases)
{
    /// <summary>The resource profile it was measured under; null for what does not depend on one.</summary>
    public string? Profile { get; init; }

    /// <summary>The dense parent's value; null without one.</summary>
    public double? Parent { get; init; }

    /// <summary>The candidate's value; null without one.</summary>
    public double? Candidate { get; init; }

    /// <summary>Whether more is better; null where neither end is the good one.</summary>
    public bool? HigherIsBetter { get; init; }

    /// <summary>What has to be the same for values to be comparable, such as the protocol of a perplexity; null for most.</summary>
    public string? Signature { get; init; }

    /// <summary>Why there is no value; null when there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>Candidate minus parent; null where one of them is missing.</summary>
    [JsonIgnore]
    public double? Change => Candidate - Parent;

    /// <summary>All measurements on some slices and on all cases.</summary>
    internal static IReadOnlyList<MeasuredScore> Of(CaseSet cases, IReadOnlyList<Measurement> measurements, IReadOnlyList<string> on)
    {
        var all = Enumerable.Range(0, cases.Count).ToArray();
        // Repeats are of no slice.
        int[] Selected(Measurement measurement, int[] slice) => measurement.Repeats is { } repeats ? [.. Enumerable.Range(0, repeats)] : measurement.Among(slice);
        var slices = cases.Slices.Select((name, slice) => (Name: name, Cases: all.Where(i => cases.IsIn(i, slice)).ToArray())).Where(slice => on.Contains(slice.Name))
            .Append((Name: SliceName.Every, Cases: all)).ToList();
        return
        [
            .. from measurement in measurements
               from slice in slices
               where measurement.Repeats is null || slice.Name == SliceName.Every
               let selected = Selected(measurement, slice.Cases)
               select Of(measurement, slice.Name, selected, measurement.Repeats ?? cases.CountWhole(selected)),
        ];
    }

    private static MeasuredScore Of(Measurement measurement, string slice, int[] cases, int count)
    {
        var (parent, candidate) = (Finite(measurement.Parent(cases)), Finite(measurement.Candidate(cases)));
        var isValid = measurement.JudgeFault is null && cases.Length > 0;
        if (!isValid) (parent, candidate) = (null, null);
        return new MeasuredScore(measurement.Dimension.Name, slice, count)
        {
            Parent = parent,
            Candidate = candidate,
            HigherIsBetter = measurement.Dimension.IsNeutral ? null : measurement.Dimension.HigherIsBetter,
            Signature = measurement.Signature,
            Reason = parent is null || candidate is null ? Missing(measurement, cases) : null,
        };
    }

    private static string Missing(Measurement measurement, int[] cases) =>
        measurement.JudgeFault is { } fault ? $"judge invalid: {fault}"
        : cases.Length == 0 ? "no case says anything about it"
        : measurement.Why(cases) ?? "it is not a number";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

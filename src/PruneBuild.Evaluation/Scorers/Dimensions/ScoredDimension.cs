using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// A quality that floors are set for, 0 to 1 per case or per slice. There is no total over dimensions: a model that is fast and wrong
/// has two numbers, not one in the middle.
/// </summary>
/// <param name="Name">One of <see cref="StandardDimensions"/> or the user's own.</param>
/// <param name="Scorers">What it is made of; none when it is made of the checks of single cases that name it.</param>
/// <param name="Combination">How they become one number.</param>
public sealed record ScoredDimension(string Name, IReadOnlyList<DimensionScorer> Scorers, DimensionCombination Combination)
{
    /// <summary>
    /// Reads <c>{"name":"latency","scorers":[{"scorer":"p90","target":20,"limit":80}],"combine":"mean"}</c>; only the name is needed.
    /// </summary>
    /// <param name="json">The object.</param>
    /// <param name="isCustom">Whether a user's own scorer has the name.</param>
    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1071 unknown scorer: each at line and column of the token.</exception>
    public static ScoredDimension Parse(JsonSection json, Func<string, bool> isCustom)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(isCustom);
        json.AllowOnly("name", "scorers", "combine");
        var name = json.Text("name");
        if (!SliceName.IsValid(name)) throw json.Invalid("name", StandardDimensions.Expected);
        var combination = json.Has("combine")
            ? json.OneOf("combine", ("mean", DimensionCombination.Mean), ("minimum", DimensionCombination.Minimum))
            : DimensionCombination.Mean;
        IReadOnlyList<JsonSection> entries = json.Has("scorers") ? json.Sections("scorers") : [];
        return new ScoredDimension(name, [.. entries.Select(entry => ParseScorer(entry, isCustom))], combination) { Location = json.Location };
    }

    /// <summary>Where it is named.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>Everything that its values depend on beside the scores, as one text.</summary>
    internal string Definition => string.Join('|', Scorers.Select(part => part.ToString()).Prepend(Combination.ToString()).Prepend(Name));

    /// <summary>The dimension on one case or one slice, from the scores there.</summary>
    /// <param name="scores">By name; a scorer of the dimension that is missing leaves the dimension without a number.</param>
    public Score Measure(IReadOnlyDictionary<string, Score> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var values = new List<double>();
        foreach (var part in Scorers)
        {
            if (!scores.TryGetValue(part.Scorer, out var score)) return Score.NotMeasured($"{part.Scorer} is missing");
            var mapped = part.Apply(score);
            if (mapped.Value is not { } value) return Score.NotMeasured($"{part.Scorer}: {mapped.Reason}");
            values.Add(value);
        }
        return values.Count == 0 ? Score.NotMeasured("the dimension has no scorers") : Combine(values);
    }

    /// <summary>The dimension on one case, from the checks that name it.</summary>
    /// <param name="checks">The case's expectations.</param>
    /// <param name="generation">What the model wrote.</param>
    /// <returns>Null when no check names the dimension: then the case says nothing about it.</returns>
    /// <exception cref="PruneBuildException">As <see cref="Expectation.Measure"/>.</exception>
    public Score? MeasureChecks(IReadOnlyList<Expectation> checks, Generation generation)
    {
        ArgumentNullException.ThrowIfNull(checks);
        var values = new List<double>();
        foreach (var check in checks)
        {
            if (check.Dimension != Name) continue;
            var score = check.Measure(generation);
            if (score.Value is not { } value) return Score.NotMeasured($"{check.Name}: {score.Reason}");
            values.Add(value);
        }
        return values.Count == 0 ? null : Combine(values);
    }

    /// <summary>The dimension on every case, when all its scorers score cases.</summary>
    /// <param name="scores">By name, all of the same cases in the same order.</param>
    /// <exception cref="ArgumentException">The scorers have different numbers of cases.</exception>
    public CaseScores MeasureCases(IReadOnlyDictionary<string, CaseScores> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var own = Scorers.Select(part => part.Scorer).Where(scores.ContainsKey).Distinct().ToDictionary(scorer => scorer, scorer => scores[scorer].Cases);
        var count = own.Values.Select(cases => cases.Count).Distinct().ToArray();
        if (count.Length > 1) throw new ArgumentException("the scorers have different numbers of cases", nameof(scores));
        if (count.Length == 0) return new CaseScores([]);
        return new CaseScores([.. Enumerable.Range(0, count[0]).Select(i => Measure(own.ToDictionary(pair => pair.Key, pair => pair.Value[i])))]);
    }

    private Score Combine(List<double> values) =>
        Score.Of(Combination == DimensionCombination.Minimum ? values.Min() : values.Average());

    private static DimensionScorer ParseScorer(JsonSection json, Func<string, bool> isCustom)
    {
        json.AllowOnly("scorer", "zeroAt", "oneAt", "target", "limit");
        var scorer = json.Text("scorer");
        if (ScorerRegistry.Find(scorer) is null && !Expectation.IsType(scorer) && !isCustom(scorer))
            throw json.LocationOf("scorer").Error("PB1071", scorer, string.Join(", ", ScorerRegistry.Names.Concat(Expectation.Types)));
        return new DimensionScorer(scorer, ScoreMap.Parse(json));
    }
}

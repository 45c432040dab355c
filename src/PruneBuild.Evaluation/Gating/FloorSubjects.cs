using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>What the floors of a harness can be about: the dimensions of its task, its own dimensions, and every scorer that fits the task.</summary>
/// <param name="task">The task.</param>
/// <param name="dimensions">The harness's own.</param>
/// <param name="own">The user's own scorers.</param>
/// <param name="judges">The judges.</param>
internal sealed class FloorSubjects(TaskKind task, IReadOnlyList<ScoredDimension> dimensions, ScorerAssembly? own, IReadOnlyList<HarnessJudge> judges)
{
    /// <summary>The key of a floor on a scorer.</summary>
    public const string MetricKey = "metric";

    private const string DimensionKey = "dimension";
    private const string ScorerKey = "scorer";

    /// <summary>Reads the harness's own dimensions.</summary>
    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1071 unknown scorer, PB1074 without scorers, PB1075 scorer that does not fit
    /// the task: each at line and column of the token.</exception>
    public static IReadOnlyList<ScoredDimension> ParseDimensions(JsonSection harness, TaskKind task, ScorerAssembly? own, IReadOnlyList<HarnessJudge> judges)
    {
        const string key = "dimensions";
        var parsed = new List<ScoredDimension>();
        if (!harness.Has(key)) return parsed;
        foreach (var entry in harness.Sections(key))
        {
            var dimension = ScoredDimension.Parse(entry, name => own?.Find(name) is not null || judges.Any(judge => judge.Scorer == name));
            if (dimension.Scorers.Count == 0 && task != TaskKind.Generation) throw entry.Location.Error("PB1074", dimension.Name, "a dimension with scorers");
            foreach (var (part, section) in dimension.Scorers.Zip(dimension.Scorers.Count > 0 ? entry.Sections("scorers") : []))
            {
                if (Find(part.Scorer, own, judges) is not { } scorer || !TaskScorers.Fits(task, scorer)) throw Unfit(section.LocationOf(ScorerKey), part.Scorer, task);
            }
            RequireMeans(entry, dimension, own, judges);
            var isTaken = Dimension.Of(task).Any(known => known.Name == dimension.Name) || Find(dimension.Name, own, judges) is not null || parsed.Exists(other => other.Name == dimension.Name);
            if (isTaken) throw entry.Invalid("name", "a scorer or another dimension has this name");
            parsed.Add(dimension);
        }
        return parsed;
    }

    /// <summary>The scorer of a name, or null.</summary>
    public static IScorer? Find(string name, ScorerAssembly? own, IReadOnlyList<HarnessJudge> judges) =>
        own?.Find(name) ?? ScorerRegistry.Find(name) ?? (judges.FirstOrDefault(judge => judge.Scorer == name) is { } found ? new JudgeScorer(found) : null);

    /// <summary>Whether a judge has a part in a dimension or a scorer of a name.</summary>
    public bool IsJudged(string name) => dimensions.FirstOrDefault(dimension => dimension.Name == name) is { } own
        ? own.Scorers.Any(part => judges.Any(judge => judge.Scorer == part.Scorer))
        : judges.Any(judge => judge.Scorer == name);

    /// <summary>What one floor is about: its <c>dimension</c> or its <c>metric</c>.</summary>
    /// <exception cref="PruneBuildException">PB1012 unknown dimension, PB1013, PB1071 unknown scorer, PB1075 scorer that does not fit the task.</exception>
    public Dimension Parse(JsonSection floor)
    {
        if (!floor.Has(MetricKey)) return floor.OneOf(DimensionKey, [.. Dimension.Of(task).Concat(dimensions.Select(Of)).Select(known => (known.Name, known))]);
        if (floor.Has(DimensionKey)) throw floor.Invalid(MetricKey, "not together with dimension");
        var name = floor.Text(MetricKey);
        var at = floor.LocationOf(MetricKey);
        var scorer = Find(name, own, judges);
        if (scorer is null && Expectation.IsType(name)) throw at.Error("PB1074", name, "a metric of numbers");
        if (scorer is null) throw at.Error("PB1071", name, string.Join(", ", TaskScorers.Names(task).Concat(judges.Select(judge => judge.Scorer))));
        if (!TaskScorers.Fits(task, scorer)) throw Unfit(at, name, task);
        return Of(scorer);
    }

    /// <summary>A dimension of the harness's own: more is better, 0 to 1.</summary>
    public static Dimension Of(ScoredDimension dimension) => new(dimension.Name, 0, 1, HigherIsBetter: true);

    /// <summary>A scorer as something that floors can be about.</summary>
    public static Dimension Of(IScorer scorer) => new(scorer.Name, scorer.Range.Low, scorer.Range.High, scorer.Better != ScoreDirection.Lower)
    {
        IsNeutral = scorer.Better == ScoreDirection.Neither,
    };

    // What a judge says is corrected as a mean, so what stands beside it has to be one too.
    private static void RequireMeans(JsonSection entry, ScoredDimension dimension, ScorerAssembly? own, IReadOnlyList<HarnessJudge> judges)
    {
        if (!dimension.Scorers.Any(part => judges.Any(judge => judge.Scorer == part.Scorer))) return;
        if (dimension.Combination != DimensionCombination.Mean) throw entry.Invalid("combine", "scores of a judge are corrected as a mean");
        foreach (var (part, section) in dimension.Scorers.Zip(entry.Sections("scorers")))
        {
            if (part.Map is not null) throw section.Invalid(ScorerKey, "beside a judge there are no zeroAt, oneAt, limit and target");
            if (Find(part.Scorer, own, judges) is not (JudgeScorer or CustomScorer or ICaseScorer<TextPair>)) throw section.Invalid(ScorerKey, "beside a judge only scores of single texts count");
        }
    }

    private static PruneBuildException Unfit(SourceLocation at, string scorer, TaskKind task) =>
        at.Error("PB1075", scorer, TaskNames.Of(task), string.Join(", ", TaskScorers.Names(task)));
}

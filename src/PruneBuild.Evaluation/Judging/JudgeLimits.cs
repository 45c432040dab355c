namespace PruneBuild.Evaluation.Judging;

/// <summary>What a judge must show against people's labels before its scores count; the key <c>limits</c> of <c>judge.json</c>.</summary>
public sealed record JudgeLimits
{
    /// <summary>Least lower bound of Cohen's kappa on the outputs of pruned models.</summary>
    public double MinKappa { get; init; } = 0.6;

    /// <summary>How far kappa on the parent's outputs and on those of pruned models may lie apart.</summary>
    public double MaxKappaGap { get; init; } = 0.1;

    /// <summary>How much more the judge may favour one of the two than people do, on the scale of scores.</summary>
    public double MaxBias { get; init; } = 0.05;

    /// <summary>Least number of people's labels on the outputs of either.</summary>
    public int MinLabels { get; init; } = 100;

    /// <summary>Days after which a calibration counts no more.</summary>
    public int MaxAgeDays { get; init; } = 30;

    /// <summary>Share of the cases that may end in an error; with more there is no score.</summary>
    public double ErrorBudget { get; init; } = 0.01;

    /// <summary>Least share of equal answers when the same is asked again at the calibration; only with repeats.</summary>
    public double MinConsistency { get; init; } = 0.9;

    /// <summary>Least share of pairs whose preference does not turn with the order, of a judge that compares.</summary>
    public double MinSwapConsistency { get; init; } = 0.8;

    /// <summary>Whether texts that talk to the judge are judged as others are, for cases that are meant to; otherwise each is an error.</summary>
    public bool JudgesSuspicious { get; init; }

    internal static JudgeLimits Parse(JsonSection section)
    {
        section.AllowOnly("minKappa", "maxKappaGap", "maxBias", "minLabels", "maxAgeDays", "errorBudget", "minConsistency", "minSwapConsistency", "suspicious");
        var limits = new JudgeLimits();
        double Share(string key, double missing) => section.Has(key) ? section.Number(key, 0, 1) : missing;
        int Whole(string key, int missing) => section.Has(key) ? section.WholeNumber(key, 1, 1_000_000) : missing;
        return new JudgeLimits
        {
            MinKappa = Share("minKappa", limits.MinKappa),
            MaxKappaGap = Share("maxKappaGap", limits.MaxKappaGap),
            MaxBias = Share("maxBias", limits.MaxBias),
            MinLabels = Whole("minLabels", limits.MinLabels),
            MaxAgeDays = Whole("maxAgeDays", limits.MaxAgeDays),
            ErrorBudget = Share("errorBudget", limits.ErrorBudget),
            MinConsistency = Share("minConsistency", limits.MinConsistency),
            MinSwapConsistency = Share("minSwapConsistency", limits.MinSwapConsistency),
            JudgesSuspicious = section.Has("suspicious") && section.OneOf("suspicious", ("error", false), ("judge", true)),
        };
    }
}

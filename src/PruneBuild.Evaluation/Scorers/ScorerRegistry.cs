namespace PruneBuild.Evaluation.Scorers;

/// <summary>All scorers by name, one line each. The checks of generated text are in <see cref="CheckTypes"/>.</summary>
public static class ScorerRegistry
{
    private static readonly ScorerEntry[] Entries =
    [
        new("accuracy", new Accuracy()),
        new("top@k", 1, k => new TopKAccuracy(k)),
        new("balanced_accuracy", new BalancedAccuracy()),
        new("f1.macro", new F1Score(F1Average.Macro)),
        new("f1.micro", new F1Score(F1Average.Micro)),
        new("f1.weighted", new F1Score(F1Average.Weighted)),
        new("f1.class@k", 0, k => new ClassF1(k)),
        new("mcc", new MatthewsCorrelation()),
        new("auc", new AreaUnderRoc(oneVersusRest: false)),
        new("auc.ovr", new AreaUnderRoc(oneVersusRest: true)),
        new("log_loss", new LogLoss()),
        new("brier", new BrierScore()),
        new("ece@k", 1, k => new CalibrationError(k)),
        new("mae", new MeanAbsoluteError()),
        new("rmse", new RootMeanSquareError()),
        new("r2", new CoefficientOfDetermination()),
        new("pearson", new PearsonCorrelation()),
        new("spearman", new SpearmanCorrelation()),
        new("cosine", new CosineSimilarity()),
        new("sts.spearman", new StsSpearman()),
        new("recall@k", 1, k => new RecallAtK(k)),
        new("mrr", new ReciprocalRank()),
        new("ndcg@k", 1, k => new NdcgAtK(k)),
        new("perplexity", new Perplexity()),
        new("bits_per_byte", new BitsPerByte()),
        new("acc", new ChoiceAccuracy(perByte: false)),
        new("acc_norm", new ChoiceAccuracy(perByte: true)),
        new("flip.right_to_wrong", new FlipRate(Flip.RightToWrong)),
        new("flip.wrong_to_right", new FlipRate(Flip.WrongToRight)),
        new("flip.any", new FlipRate(Flip.Any)),
        new("fidelity.agreement", new TopOneAgreement()),
        new("fidelity.kld.mean", new MeanDivergence()),
        new("fidelity.kld.p99", new DivergencePercentile()),
        new("len_ratio", new OutputLengthRatio()),
        new("exact_match", new ExactMatch()),
        new("token_f1", new TokenF1()),
        new("rouge1", new RougeN(1)),
        new("rouge2", new RougeN(2)),
        new("rougeL", new RougeL()),
        new("bleu", new Bleu()),
        new("chrf", new ChrF()),
        new("wer", new WordErrorRate()),
        new("cer", new CharacterErrorRate()),
        new("mean", new MeasuredMean()),
        new("p50", new Percentile("p50", 500)),
        new("p90", new Percentile("p90", 900)),
        new("p95", new Percentile("p95", 950)),
        new("p99", new Percentile("p99", 990)),
        new("p99.9", new Percentile("p99.9", 999)),
        new("max", new Largest()),
        new("ttft.p50", new Percentile("ttft.p50", 500) { Part = figures => figures.FirstTokenSeconds }),
        new("ttft.p90", new Percentile("ttft.p90", 900) { Part = figures => figures.FirstTokenSeconds }),
        new("tpot.p50", new Percentile("tpot.p50", 500) { Part = figures => figures.TokenSeconds }),
        new("tpot.p90", new Percentile("tpot.p90", 900) { Part = figures => figures.TokenSeconds }),
        new("load", new ModelFigure("load", figures => figures.LoadSeconds.Select(InMilliseconds))),
        new("first_inference", new ModelFigure("first_inference", figures => figures.FirstSeconds.Select(InMilliseconds))),
        new("peak_memory", new ModelFigure("peak_memory", figures => figures.PeakResidentBytes is { } bytes ? [bytes] : [])),
        new("bytes", new ArtifactBytes()),
    ];

    private static double InMilliseconds(double seconds) => seconds * 1000;

    /// <summary>Every name; <c>k</c> stands for a whole number: <c>recall@k</c> is asked for as <c>recall@10</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Entries.Select(entry => entry.Name)];

    /// <summary>The scorer of a name; null when there is none.</summary>
    public static IScorer? Find(string name) => Entries.Select(entry => entry.Create(name)).FirstOrDefault(scorer => scorer is not null);

    /// <summary>The scorers of single cases of a kind that need no number.</summary>
    public static IReadOnlyList<ICaseScorer<TCase>> OfCases<TCase>() => [.. Entries.Select(entry => entry.Create(entry.Name)).OfType<ICaseScorer<TCase>>()];
}

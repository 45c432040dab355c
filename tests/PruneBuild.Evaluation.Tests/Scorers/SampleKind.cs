using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers;

/// <summary>Cases of one kind, on which every registered scorer of that kind has a number, and cases on which none has.</summary>
internal abstract class SampleKind
{
    private static readonly LanguageModelProtocol Protocol = new("text", "bytes", 8, 8, false);

    public static IReadOnlyList<SampleKind> All { get; } =
    [
        new SampleKind<ClassificationCase>(
            Measured.Probabilities([0, 1, 0, 1], [0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]),
            [new(-1, 0, [0.5, 0.5])],
            [new(0, 0, [double.NaN, 1])],
            [new(0, 0, [0.5, double.PositiveInfinity])],
            [new(0, 0, [0.5, 0.2])]),
        new SampleKind<RegressionCase>(
            [new(1, 1.5), new(2, 2), new(3, 5), new(4, 4)],
            [new(double.NaN, 1)],
            [new(1, double.PositiveInfinity)]),
        new SampleKind<EmbeddingPair>(
            [new([1, 0], [1, 1], 2), new([1, 0], [1, 3], 1), new([1, 0], [2, 1], 5)],
            [new([0, 0], [1, 1], 1)],
            [new([float.NaN, 0], [1, 1], 1)],
            [new([1], [1, 1], 1)]),
        new SampleKind<RetrievalCase>(
            [new(["a", "b"], Relevance(("b", 1))), new(["a", "b"], Relevance(("a", 1), ("b", 2)))],
            [new(["a"], Relevance())],
            [new(["a", "a"], Relevance(("a", 1)))],
            [new(["a"], Relevance(("a", double.NaN)))]),
        new SampleKind<LanguageModelCase>(
            [new(5, 4, 8, Protocol), new(3, 2, 8, Protocol)],
            [new(double.NaN, 4, 8, Protocol)],
            [new(5, 0, 0, Protocol)],
            [new(5, 4, 8, Protocol), new(5, 4, 8, Protocol with { Stride = 4 })]),
        new SampleKind<ChoiceCase>(
            [new([new(-1, 1), new(-2, 1)], 0), new([new(-1, 1), new(-2, 1)], 1)],
            [new([new(double.NegativeInfinity, 1), new(-2, 1)], 0)],
            [new([new(-1, 1)], 0)],
            [new([new(-1, 1), new(-2, 1)], 2)]),
        new SampleKind<AnswerPair>([new(0, 0, 0), new(0, 0, 1), new(0, 1, 0)], [new AnswerPair(-1, 0, 0)]),
        new SampleKind<LogitPair>(
            [new([[1, 2]], [[2, 1]]), new([[1, 3], [0, 0]], [[1, 2], [0, 1]])],
            [new([[1, float.NaN]], [[2, 1]])],
            [new([], [])],
            [new([[1, 2]], [[1]])]),
        new SampleKind<LengthPair>([new(10, 9), new(20, 25)], [new(-1, 1)], [new(0, 4)]),
        new SampleKind<TextPair>(
            [new("the cat sat on the mat", ["the cat sat on a mat"]), new("one two three four five", ["one two three four six"])],
            [new TextPair("text", [])]),
        new SampleKind<double>([3, 1, 2], [1, double.NaN], [double.PositiveInfinity]),
    ];

    public abstract string Name { get; }

    public abstract bool Fits(IScorer scorer);

    public abstract PreparedSample Sound(IScorer scorer);

    public abstract Score Empty(IScorer scorer);

    public abstract IEnumerable<Score> Broken(IScorer scorer);

    private static Dictionary<string, double> Relevance(params (string Id, double Value)[] pairs) => pairs.ToDictionary(pair => pair.Id, pair => pair.Value);
}

internal sealed class SampleKind<TCase>(TCase[] sound, params TCase[][] broken) : SampleKind
{
    public override string Name => typeof(TCase).Name;

    public override bool Fits(IScorer scorer) => scorer is ICaseScorer<TCase> or ISampleScorer<TCase>;

    public override PreparedSample Sound(IScorer scorer) => Prepare(scorer, sound);

    public override Score Empty(IScorer scorer) => Prepare(scorer, []).MeasureAll();

    public override IEnumerable<Score> Broken(IScorer scorer) => broken.Select(cases => Prepare(scorer, [.. sound, .. cases]).MeasureAll());

    private static PreparedSample Prepare(IScorer scorer, TCase[] cases) =>
        scorer is ISampleScorer<TCase> whole ? whole.Prepare(cases) : CaseScores.Of((ICaseScorer<TCase>)scorer, cases).AsSample();
}

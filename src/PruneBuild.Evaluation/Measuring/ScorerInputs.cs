using System.Globalization;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>Hands the outputs of parent and candidate to scorers, in the form that each of them wants.</summary>
internal sealed class ScorerInputs
{
    private readonly Harness _harness;
    private readonly CaseSet _cases;
    private readonly EvaluatedModels _models;
    private readonly Dictionary<ModelInput, int> _rowOf = new(ReferenceEqualityComparer.Instance);
    private readonly Lazy<LanguageModelProtocol> _protocol;
    private readonly Lazy<Predictions?> _parentAnswers;
    private readonly Lazy<Predictions?> _candidateAnswers;
    private readonly Lazy<WritingInputs> _writing;
    private readonly Dictionary<(Type Case, bool IsCandidate), object> _made = [];

    public ScorerInputs(Harness harness, CaseSet cases, EvaluatedModels models)
    {
        (_harness, _cases, _models) = (harness, cases, models);
        foreach (var (row, input) in cases.Inputs.Index()) _rowOf[input] = row;
        _protocol = new Lazy<LanguageModelProtocol>(() => new LanguageModelProtocol(
            string.Join('+', harness.SourceFiles.Where(file => harness.Cases.Any(source => source is JsonlCases lines && lines.Path == file || source is TokenCases tokens && tokens.Path == file)).Select(Path.GetFileName)),
            $"sha256:{harness.Settings.TokenizerHash}", harness.Settings.Window, harness.Settings.Stride, harness.Settings.StartToken is not null));
        _writing = new Lazy<WritingInputs>(() => models.Texts is var (parent, candidate)
            ? new WritingInputs(cases, parent, candidate)
            : throw new InvalidOperationException("nothing was written"));
        _parentAnswers = new Lazy<Predictions?>(() => Answers(models.Parent));
        _candidateAnswers = new Lazy<Predictions?>(() => Answers(models.Candidate));
    }

    /// <summary>The dense parent's answers; null for a task without any.</summary>
    public Predictions? ParentAnswers => _parentAnswers.Value;

    /// <summary>The candidate's.</summary>
    public Predictions? CandidateAnswers => _candidateAnswers.Value;

    /// <summary>The scores of a scorer of cases; null for one of samples.</summary>
    public CaseValuePair? OnCases(IScorer scorer) => scorer switch
    {
        ICaseScorer<ClassificationCase> one => Score(one, Classified),
        ICaseScorer<AnswerPair> one => Score(one, AnswerPairs),
        ICaseScorer<LogitPair> one => Score(one, LogitPairs),
        ICaseScorer<RegressionCase> one => Score(one, Regressed),
        ICaseScorer<EmbeddingPair> one => Score(one, ParityPairs),
        ICaseScorer<RetrievalCase> one => Score(one, Retrieved),
        ICaseScorer<ChoiceCase> one => Score(one, Questions),
        ICaseScorer<TextPair> one => OnCases(one, Writing.Pair, Writing.HasReferences),
        ICaseScorer<Generation> one => Score(one, Written),
        _ => null,
    };

    /// <summary>The prepared samples of a scorer of samples.</summary>
    public (PreparedSample Parent, PreparedSample Candidate) OnSample(IScorer scorer) => scorer switch
    {
        ISampleScorer<ClassificationCase> one => Prepare(one, Classified),
        ISampleScorer<LogitPair> one => Prepare(one, LogitPairs),
        ISampleScorer<RegressionCase> one => Prepare(one, Regressed),
        ISampleScorer<EmbeddingPair> one => Prepare(one, JudgedPairs),
        ISampleScorer<TextPair> one => OnSome(one, Writing.Pair, Writing.HasReferences),
        ISampleScorer<LengthPair> one => OnSome(one, Writing.Length, null),
        BitsPerByte when UnknownBytes is { } unknown => (unknown, unknown),
        ISampleScorer<LanguageModelCase> one => Prepare(one, Texts),
        _ => throw new ArgumentException($"'{scorer.Name}' fits no task", nameof(scorer)),
    };

    private static CaseValuePair Score<TCase>(ICaseScorer<TCase> scorer, Func<bool, IReadOnlyList<TCase>> cases) =>
        new(CaseValues.Of(cases(false).Select(scorer.Measure)), CaseValues.Of(cases(true).Select(scorer.Measure)));

    private static (PreparedSample Parent, PreparedSample Candidate) Prepare<TCase>(ISampleScorer<TCase> scorer, Func<bool, IReadOnlyList<TCase>> cases) =>
        (scorer.Prepare(cases(false)), scorer.Prepare(cases(true)));

    /// <summary>What was written; only for the task of writing.</summary>
    public WritingInputs Writing => _writing.Value;

    private static CaseValuePair OnCases<TCase>(ICaseScorer<TCase> scorer, Func<int, bool, TCase> input, bool[] applies)
    {
        CaseValues Of(bool ofCandidate) => CaseValues.Of(applies.Select((does, index) =>
            does ? scorer.Measure(input(index, ofCandidate)) : Scorers.Score.NotMeasured("the case has no reference")));
        return new CaseValuePair(Of(false), Of(true));
    }

    private (PreparedSample Parent, PreparedSample Candidate) OnSome<TCase>(ISampleScorer<TCase> scorer, Func<int, bool, TCase> input, bool[]? applies)
    {
        int[] some = [.. Enumerable.Range(0, _cases.Count).Where(index => applies?[index] ?? true)];
        PreparedSample Of(bool ofCandidate) => Among(some, scorer.Prepare([.. some.Select(index => input(index, ofCandidate))]), "no case says anything about it");
        return (Of(false), Of(true));
    }

    // A sample of some cases, as one that can be asked about all of them.
    private PreparedSample Among(int[] some, PreparedSample sample, string nothing)
    {
        var placeOf = some.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return new PreparedSample(_cases.Count, cases =>
        {
            var places = new List<int>(cases.Length);
            foreach (var index in cases)
            {
                if (placeOf.TryGetValue(index, out var place)) places.Add(place);
            }
            return places.Count == 0 ? Scorers.Score.NotMeasured(nothing) : sample.Measure(places.ToArray());
        })
        { Signature = sample.Signature };
    }

    private PreparedSample? UnknownBytes => _cases.Tasks.Index().FirstOrDefault(one => one.Item.Bytes.Count == 0) is { Item: not null, Index: var index }
        ? PreparedSample.NotMeasured(_cases.Count, $"case {index}: its bytes are not known; name tokenBytes in the harness, or bytes in the case")
        : null;

    private Predictions? Answers(ModelOutputs outputs) => TaskNames.HasAnswers(_harness.Kind) ? Predictions.Of(_harness, _cases, outputs) : null;

    private ModelOutputs Outputs(bool ofCandidate) => ofCandidate ? _models.Candidate : _models.Parent;

    private TCase[] Once<TCase>(bool ofCandidate, Func<int, TCase> make)
    {
        var key = (typeof(TCase), ofCandidate);
        if (!_made.TryGetValue(key, out var made)) _made[key] = made = Enumerable.Range(0, _cases.Count).Select(make).ToArray();
        return (TCase[])made;
    }

    private ClassificationCase[] Classified(bool ofCandidate)
    {
        var answers = (ofCandidate ? CandidateAnswers : ParentAnswers)!;
        return Once(ofCandidate, i => TensorRun.KeepsAnswersOnly(_harness, _cases)
            ? new ClassificationCase(_cases.Labels[i], answers.Classes[i])
            : ClassificationCase.FromLogits(_cases.Labels[i], Outputs(ofCandidate)[i]));
    }

    private AnswerPair[] AnswerPairs(bool ofCandidate) => Once(ofCandidate, i => new AnswerPair(
        _cases.Labels[i], ParentAnswers!.Classes[i], (ofCandidate ? CandidateAnswers : ParentAnswers)!.Classes[i]));

    private LogitPair[] LogitPairs(bool ofCandidate) => Once(ofCandidate, i => TensorRun.KeepsAnswersOnly(_harness, _cases)
        ? new LogitPair([], [])
        : new LogitPair([_models.Parent[i].ToArray()], [Outputs(ofCandidate)[i].ToArray()]));

    private RegressionCase[] Regressed(bool ofCandidate) => Once(ofCandidate, i => new RegressionCase(_cases.Targets[i], Outputs(ofCandidate)[i][0]));

    // The vectors of a case one after the other: of a pair both count.
    private EmbeddingPair[] ParityPairs(bool ofCandidate) =>
        [.. Enumerable.Range(0, _cases.Count).Select(i => new EmbeddingPair(Rows(_models.Parent, i), Rows(Outputs(ofCandidate), i)))];

    private EmbeddingPair[] JudgedPairs(bool ofCandidate)
    {
        var outputs = Outputs(ofCandidate);
        return Once(ofCandidate, i => _cases.Tasks[i].Inputs.Count == 2
            ? new EmbeddingPair(Row(outputs, i, 0).ToArray(), Row(outputs, i, 1).ToArray(), _cases.Tasks[i].Similarity)
            : new EmbeddingPair([], [], null));
    }

    private RetrievalCase[] Retrieved(bool ofCandidate)
    {
        var search = new Lazy<CosineSearch>(() => new CosineSearch(Outputs(ofCandidate), _cases.Inputs.Count - _cases.Corpus.Count, _cases.Corpus));
        return Once(ofCandidate, i => _cases.Tasks[i].Relevance is { } relevance
            ? new RetrievalCase(search.Value.Rank(Row(Outputs(ofCandidate), i, 0)), relevance)
            : new RetrievalCase([], new Dictionary<string, double>()));
    }

    private LanguageModelCase[] Texts(bool ofCandidate)
    {
        var outputs = Outputs(ofCandidate);
        return Once(ofCandidate, i =>
        {
            var (sum, tokens) = (0.0, 0L);
            for (var window = 0; window < _cases.Tasks[i].Inputs.Count; window++)
            {
                var scored = Row(outputs, i, window);
                sum += LogLikelihood.Sum(scored);
                tokens += scored.Length;
            }
            // Rounding may leave the likelihood of what is certain just above one.
            return new LanguageModelCase(double.IsNaN(sum) ? sum : Math.Max(0, -sum), tokens, _cases.Tasks[i].Bytes is [var bytes] ? bytes : 0, _protocol.Value);
        });
    }

    private ChoiceCase[] Questions(bool ofCandidate)
    {
        var outputs = Outputs(ofCandidate);
        return Once(ofCandidate, i => new ChoiceCase(
            [.. Enumerable.Range(0, _cases.Tasks[i].Inputs.Count).Select(choice => new Choice(
                LogLikelihood.Sum(Row(outputs, i, choice)), _cases.Tasks[i].Bytes.Count > 0 ? _cases.Tasks[i].Bytes[choice] : 0))],
            _cases.Labels[i]));
    }

    private Generation[] Written(bool ofCandidate)
    {
        if (_harness.Kind == TaskKind.Generation) return Writing.Of(ofCandidate);
        var answers = ofCandidate ? CandidateAnswers : ParentAnswers;
        var outputs = Outputs(ofCandidate);
        return Once(ofCandidate, i => new Generation(_cases.Id(i), answers?.Classes[i] is { } answer and >= 0 ? answer.ToString(CultureInfo.InvariantCulture) : "")
        {
            Numbers = _cases.Tasks.Count == 0 ? outputs[i].ToArray()
                : _harness.Kind == TaskKind.MultipleChoice ? [.. Questions(ofCandidate)[i].Choices.Select(choice => (float)choice.LogLikelihood)]
                : Rows(outputs, i),
            Target = _harness.Kind switch
            {
                TaskKind.Regression => _cases.Targets[i],
                TaskKind.Classification or TaskKind.MultipleChoice => _cases.Labels[i],
                _ => _cases.Tasks[i].Similarity,
            },
        });
    }

    private float[] Rows(ModelOutputs outputs, int index)
    {
        var numbers = new List<float>();
        for (var input = 0; input < _cases.Tasks[index].Inputs.Count; input++) numbers.AddRange(Row(outputs, index, input));
        return [.. numbers];
    }

    // What a model gave for one thing that a case asks: of a text in parts, the likelihoods of the part's tokens.
    private ReadOnlySpan<float> Row(ModelOutputs outputs, int index, int input)
    {
        var one = _cases.Tasks[index];
        var row = outputs[_rowOf[one.Inputs[input]]];
        return one.Scored is { } scored ? row.Slice(scored[input].From - one.Inputs[input].FirstScored, scored[input].Count) : row;
    }
}

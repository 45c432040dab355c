using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>Hands written texts to scorers: with checks, with references, beside each other. A case without what a scorer needs says nothing to it.</summary>
/// <param name="cases">The cases.</param>
/// <param name="parent">What the dense parent wrote.</param>
/// <param name="candidate">What the candidate wrote.</param>
internal sealed class WritingInputs(CaseSet cases, WrittenTexts parent, WrittenTexts candidate)
{
    private readonly Lazy<Generation[]> _parent = new(() => Generations(cases, parent));
    private readonly Lazy<Generation[]> _candidate = new(() => Generations(cases, candidate));

    /// <summary>Which cases have references.</summary>
    public bool[] HasReferences { get; } = [.. cases.Tasks.Select(one => one.Writing!.References.Count > 0)];

    /// <summary>What a model wrote, with the tools that it asked for.</summary>
    public Generation[] Of(bool isCandidate) => (isCandidate ? _candidate : _parent).Value;

    /// <summary>Text and references of a case.</summary>
    public TextPair Pair(int index, bool isCandidate) => new((isCandidate ? candidate : parent).Texts[index].Text, cases.Tasks[index].Writing!.References);

    /// <summary>Tokens beside the dense parent's.</summary>
    public LengthPair Length(int index, bool isCandidate) => new(parent.Texts[index].Tokens, (isCandidate ? candidate : parent).Texts[index].Tokens);

    /// <summary>Which cases have checks that count for a dimension.</summary>
    public bool[] HasChecks(string dimension) => [.. cases.Tasks.Select(one => one.Writing!.Checks.Any(check => check.Dimension == dimension))];

    /// <summary>A dimension of checks, on every case.</summary>
    public CaseValuePair Checks(ScoredDimension dimension)
    {
        CaseValues Measure(bool isCandidate) => CaseValues.Of(cases.Tasks.Select((one, index) =>
            dimension.MeasureChecks(one.Writing!.Checks, Of(isCandidate)[index]) ?? Score.NotMeasured("no check counts for it")));
        return new CaseValuePair(Measure(false), Measure(true));
    }

    /// <summary>Which cases have checks at all.</summary>
    public bool[] HasAnyChecks => [.. cases.Tasks.Select(one => one.Writing!.Checks.Count > 0)];

    /// <summary>Whether all checks of a case hold, on every case.</summary>
    public CaseValuePair AllChecks() => new(AllChecks(false), AllChecks(true));

    private CaseValues AllChecks(bool isCandidate) => CaseValues.Of(cases.Tasks.Select((one, index) =>
    {
        var holds = one.Writing!.Checks.Count > 0;
        foreach (var check in one.Writing.Checks)
        {
            var score = check.Measure(Of(isCandidate)[index]);
            if (score.Value is not { } value) return Score.NotMeasured($"{check.Name}: {score.Reason}");
            holds &= value >= 1;
        }
        return one.Writing.Checks.Count == 0 ? Score.NotMeasured("it has no checks") : Score.Of(holds);
    }));

    private static Generation[] Generations(CaseSet cases, WrittenTexts texts) => [.. texts.Texts.Select((text, index) =>
        new Generation(cases.Id(index), text.Text) { ToolCalls = WrittenToolCalls.In(text.Text), End = text.End })];
}

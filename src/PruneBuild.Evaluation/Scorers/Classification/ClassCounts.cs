namespace PruneBuild.Evaluation.Scorers;

/// <summary>The margins and the diagonal of a confusion matrix, from which accuracy per class, F1 and Matthews' correlation follow.</summary>
/// <param name="classes">Number of classes that the whole sample has as label or answer.</param>
internal sealed class ClassCounts(int classes)
{
    /// <summary>Cases whose label is the class.</summary>
    public int[] Labelled { get; } = new int[classes];

    /// <summary>Cases whose answer is the class.</summary>
    public int[] Answered { get; } = new int[classes];

    /// <summary>Cases whose label and answer are the class.</summary>
    public int[] Right { get; } = new int[classes];

    /// <summary>Cases with an answer that is no class at all.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Number of cases.</summary>
    public int Cases { get; private set; }

    /// <summary>Number of classes that occur as label.</summary>
    public int DistinctLabels => Labelled.Count(count => count > 0);

    /// <summary>2 right / (labelled + answered) of a class, the harmonic mean of its precision and recall; null when it does not occur.</summary>
    public double? F1(int index) =>
        Labelled[index] + Answered[index] is > 0 and var both ? 2.0 * Right[index] / both : null;

    /// <summary>A sample that is scored by its counts.</summary>
    /// <param name="cases">The sample.</param>
    /// <param name="score">The score, from the counts and the index that each class has in them.</param>
    public static PreparedSample Prepare(
        IReadOnlyList<ClassificationCase> cases,
        Func<ClassCounts, IReadOnlyDictionary<int, int>, Score> score)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var indices = new Dictionary<int, int>();
        var labels = new int[cases.Count];
        var answers = new int[cases.Count];
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].Label < 0) return PreparedSample.NotMeasured(cases.Count, $"case {i}: there is no label");
            labels[i] = IndexOf(cases[i].Label);
            answers[i] = cases[i].Answer < 0 ? -1 : IndexOf(cases[i].Answer);
        }
        return new PreparedSample(cases.Count, drawn =>
        {
            var counts = new ClassCounts(indices.Count);
            foreach (var i in drawn) counts.Add(labels[i], answers[i]);
            return score(counts, indices);
        });

        int IndexOf(int value)
        {
            if (!indices.TryGetValue(value, out var index)) indices[value] = index = indices.Count;
            return index;
        }
    }

    private void Add(int label, int answer)
    {
        Cases++;
        Labelled[label]++;
        if (answer < 0) Unanswered++;
        else Answered[answer]++;
        if (label == answer) Right[label]++;
    }
}

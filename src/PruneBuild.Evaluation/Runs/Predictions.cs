namespace PruneBuild.Evaluation;

/// <summary>What a model answered for every case of a <see cref="CaseSet"/>: the class, or the choice of a question.</summary>
public sealed class Predictions
{
    /// <summary>In <see cref="Classes"/>: the model's output held NaN or infinity, so there is no answer.</summary>
    public const int NotFinite = -1;

    /// <param name="classes">The answer to every case, or <see cref="NotFinite"/>.</param>
    /// <param name="margins">The largest minus the second largest output of every case, in the output's own unit; 0 without an answer.</param>
    public Predictions(IReadOnlyList<int> classes, IReadOnlyList<float> margins)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(margins);
        if (classes.Count != margins.Count) throw new ArgumentException("one margin a class is expected", nameof(margins));
        (Classes, Margins) = (classes, margins);
    }

    /// <summary>The answer to every case, or <see cref="NotFinite"/>.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>How clear each answer was.</summary>
    public IReadOnlyList<float> Margins { get; }

    /// <summary>Number of cases.</summary>
    public int Count => Classes.Count;

    /// <summary>Number of cases without an answer.</summary>
    public int Errors => Classes.Count(answer => answer == NotFinite);

    /// <summary>The answers in a model's outputs: the class with the largest number, or the likeliest choice; the lowest on a tie.</summary>
    /// <param name="harness">A task with answers.</param>
    /// <param name="cases">The cases.</param>
    /// <param name="outputs">What the model gave.</param>
    public static Predictions Of(Harness harness, CaseSet cases, ModelOutputs outputs)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(outputs);
        if (!TaskNames.HasAnswers(harness.Kind)) throw new ArgumentException("the task has no answers", nameof(harness));
        var (classes, margins) = (new int[cases.Count], new float[cases.Count]);
        var row = 0;
        var isSummary = TensorRun.KeepsAnswersOnly(harness, cases);
        for (var i = 0; i < cases.Count; i++)
        {
            if (harness.Kind == TaskKind.Classification)
            {
                (classes[i], margins[i]) = isSummary ? ((int)outputs[i][0], outputs[i][1]) : Answer(outputs[i]);
                continue;
            }
            var choices = new float[cases.Tasks[i].Inputs.Count];
            for (var j = 0; j < choices.Length; j++) choices[j] = (float)LogLikelihood.Sum(outputs[row++]);
            (classes[i], margins[i]) = Answer(choices);
        }
        return new Predictions(classes, margins);
    }

    /// <summary>Answer and margin in place of the logits; a class is a whole number that a float holds exactly.</summary>
    internal static float[] Summary(float[] logits)
    {
        var (answer, margin) = Answer(logits);
        return [answer, margin];
    }

    private static (int Class, float Margin) Answer(ReadOnlySpan<float> outputs)
    {
        var best = 0;
        var second = float.NegativeInfinity;
        for (var i = 0; i < outputs.Length; i++)
        {
            if (!float.IsFinite(outputs[i])) return (NotFinite, 0);
            if (i > 0 && outputs[i] > outputs[best]) (best, second) = (i, outputs[best]);
            else if (i > 0) second = Math.Max(second, outputs[i]);
        }
        var margin = outputs[best] - second;
        return (best, float.IsFinite(margin) ? margin : float.MaxValue);
    }
}

using HomeAssistant.Language;

namespace HomeAssistant.Training;

/// <summary>Prints how many of the gate's sentences are answered to the letter.</summary>
internal static class Accuracies
{
    /// <param name="title">What is measured.</param>
    /// <param name="model">It.</param>
    /// <param name="encoder">Of its vocabulary.</param>
    /// <param name="byKind">Whether each kind of sentence gets a line.</param>
    public static void Print(string title, ILanguageModel model, ChatEncoder encoder, bool byKind)
    {
        Console.WriteLine($"{title}, answers right to the letter:");
        foreach (var (slice, count) in ExampleSets.GateCounts)
        {
            var examples = ExampleSets.Gate(slice, count);
            var answers = examples.Zip(ExactMatch.Of(model, encoder, examples)).ToList();
            Line($"{slice}", answers);
            if (byKind)
                foreach (var kind in answers.GroupBy(answer => answer.First.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
                    Line($"  {kind.Key}", [.. kind]);
        }
    }

    private static void Line(string name, IReadOnlyList<(Example, bool Right)> answers) =>
        Console.WriteLine($"{name,-18} {answers.Average(answer => answer.Right ? 1.0 : 0.0),8:P2}   n={answers.Count}");
}

using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// The output refuses the task: its first 300 characters contain one of the phrases of <c>refusal-phrases.txt</c>. A heuristic for
/// English: it misses refusals in other words and finds the phrases in quotations. Usually wanted as <c>not-refusal</c>.
/// </summary>
internal sealed class RefusalCheck : GenerationCheck
{
    private const int Beginning = 300;

    private static readonly string[] Phrases = ReadPhrases();

    /// <exception cref="PruneBuildException">PB1011.</exception>
    public static GenerationCheck Parse(CheckSource source)
    {
        source.AllowOnly();
        return new RefusalCheck();
    }

    public override Score Measure(CheckedOutput output)
    {
        var beginning = output.Text[..Math.Min(Beginning, output.Text.Length)].Replace('\u2019', '\'');
        return Score.Of(Array.Exists(Phrases, phrase => beginning.Contains(phrase, StringComparison.OrdinalIgnoreCase)));
    }

    private static string[] ReadPhrases()
    {
        using var stream = typeof(RefusalCheck).Assembly.GetManifestResourceStream("PruneBuild.Evaluation.refusal-phrases.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
    }
}

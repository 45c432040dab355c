namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// A scorer of the user's own: a public class with a public constructor without parameters, in an assembly that the harness names. It
/// must be a pure function: the same case gives the same score, whatever was scored before.
/// </summary>
public interface ICustomScorer
{
    /// <summary>The name in files and reports, an identifier that no other scorer has.</summary>
    string Name { get; }

    /// <summary>Scores one case.</summary>
    /// <returns>0 to 1, more is better.</returns>
    double Score(CustomScorerInput input);
}

/// <summary>What a user's scorer learns about a case.</summary>
/// <param name="CaseId">Name of the case.</param>
/// <param name="Output">What the model wrote; of a classifier or a multiple-choice question the number of the answer, empty where it has none.</param>
/// <param name="ToolCalls">Tools that it asked for, in order: names, and arguments as JSON.</param>
public sealed record CustomScorerInput(string CaseId, string Output, IReadOnlyList<(string Name, string Arguments)> ToolCalls)
{
    /// <summary>
    /// The numbers that the model gave: one a class, the number of a regression, the vector of each text of an embedding one after the other, the
    /// log-likelihood in nats of every scored token or of every choice.
    /// </summary>
    public IReadOnlyList<float> Numbers { get; init; } = [];

    /// <summary>What is right, as the case says it: label, target, judged similarity, number of the right choice; null where it does not.</summary>
    public double? Target { get; init; }
}

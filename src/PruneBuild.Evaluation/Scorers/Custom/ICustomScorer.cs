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
/// <param name="Output">What the model wrote.</param>
/// <param name="ToolCalls">Tools that it asked for, in order: names, and arguments as JSON.</param>
public sealed record CustomScorerInput(string CaseId, string Output, IReadOnlyList<(string Name, string Arguments)> ToolCalls);

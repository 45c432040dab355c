using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>A user's scorer among the others, held to what it promises.</summary>
/// <param name="name">Its name.</param>
/// <param name="scorer">The user's code.</param>
internal sealed class CustomScorer(string name, ICustomScorer scorer) : CaseScorer<Generation>(name, ScoreRange.Unit, ScoreDirection.Higher)
{
    /// <exception cref="PruneBuildException">PB5020 when it throws, or gives what is not a number from 0 to 1.</exception>
    public override Score Measure(Generation input)
    {
        var calls = input.ToolCalls.Select(call => (call.Name, call.Arguments.ToString(Formatting.None))).ToArray();
        double score;
        try
        {
            score = scorer.Score(new CustomScorerInput(input.CaseId, input.Output, calls) { Numbers = input.Numbers, Target = input.Target });
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var message = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
            throw new PruneBuildException(Diagnostic.Create("PB5020", Severity.Error, Name, input.CaseId, message), exception);
        }
        return score is >= 0 and <= 1
            ? Score.Of(score)
            : throw new PruneBuildException("PB5020", Name, input.CaseId, $"{score} is not a number from 0 to 1");
    }
}

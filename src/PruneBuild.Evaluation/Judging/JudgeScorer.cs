using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Judging;

/// <summary>The scores of a judge as something that floors and dimensions can be about.</summary>
/// <param name="judge">The judge.</param>
internal sealed class JudgeScorer(HarnessJudge judge) : IScorer
{
    public HarnessJudge Judge => judge;

    public string Name => judge.Scorer;

    public ScoreRange Range => ScoreRange.Unit;

    public ScoreDirection Better => ScoreDirection.Higher;
}

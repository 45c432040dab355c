using PruneBuild.Evaluation.Judging;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation;

/// <summary>Which scorers fit which task.</summary>
internal static class TaskScorers
{
    /// <summary>Whether a scorer can be fed with what a task gives. What was measured of the models, and the user's own scorers, fit every task.</summary>
    public static bool Fits(TaskKind task, IScorer scorer) => scorer is ICaseScorer<double> or ISampleScorer<double> or CustomScorer || task switch
    {
        TaskKind.Classification => scorer is ICaseScorer<ClassificationCase> or ISampleScorer<ClassificationCase>
            or ICaseScorer<AnswerPair> or ICaseScorer<LogitPair> or ISampleScorer<LogitPair>,
        TaskKind.Regression => scorer is ICaseScorer<RegressionCase> or ISampleScorer<RegressionCase>,
        TaskKind.Embedding => scorer is ICaseScorer<EmbeddingPair> or ISampleScorer<EmbeddingPair> or ICaseScorer<RetrievalCase>,
        TaskKind.Generation => scorer is ICaseScorer<TextPair> or ISampleScorer<TextPair> or ISampleScorer<LengthPair> or JudgeScorer,
        TaskKind.Language => scorer is ISampleScorer<LanguageModelCase>,
        _ => scorer is ICaseScorer<ChoiceCase> or ICaseScorer<AnswerPair>,
    };

    /// <summary>Names of the registry's scorers that fit; <c>k</c> stands for a number.</summary>
    public static IEnumerable<string> Names(TaskKind task) =>
        ScorerRegistry.Names.Where(name => Fits(task, (ScorerRegistry.Find(name) ?? ScorerRegistry.Find(name.Replace("@k", "@1", StringComparison.Ordinal)))!));
}

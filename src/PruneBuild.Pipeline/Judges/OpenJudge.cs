using Microsoft.Extensions.AI;
using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Pipeline;

/// <summary>A judge of a harness, opened when it is first asked.</summary>
public sealed class OpenJudge : IDisposable
{
    private readonly Lazy<(IJudge Judge, IDisposable Owner)> opened;

    /// <param name="judge">Its entry in the harness.</param>
    public OpenJudge(HarnessJudge judge) => opened = new(() => judge.Kind == JudgeKind.Chat ? Chat(judge) : Classifier(judge));

    /// <summary>The judge.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB5044: it cannot be opened.</exception>
    public IJudge Judge => opened.Value.Judge;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (opened.IsValueCreated)
            opened.Value.Owner.Dispose();
    }

    private static (IJudge, IDisposable) Chat(HarnessJudge judge)
    {
        IChatClient client = ChatEndpoint.Open(judge);
        return (new ChatJudge(client, judge.Spec), client);
    }

    private static (IJudge, IDisposable) Classifier(HarnessJudge judge)
    {
        var encoder = TextEncoder.Of(judge.Tokenizer);
        ClassifierJudge? classifier = null;
        classifier = new ClassifierJudge(judge.Model!.Path, judge.Spec, question => encoder.Encode(question, classifier!.Inputs), encoder.Name);
        return (classifier, classifier);
    }
}

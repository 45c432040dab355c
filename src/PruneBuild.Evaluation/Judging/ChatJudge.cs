using Microsoft.Extensions.AI;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// A language model as judge. An answer counts only when it is exactly the prompt's number and one of the labels; silence, errors of the
/// server and anything else are errors, never scores.
/// </summary>
/// <param name="client">The model.</param>
/// <param name="spec">What it is asked.</param>
/// <param name="clock">What measures the time-out; the system's without it.</param>
public sealed class ChatJudge(IChatClient client, JudgeSpec spec, TimeProvider? clock = null) : IJudge
{
    private const int MaxOutputTokens = 64;
    private const int MaxQuoted = 80;

    /// <inheritdoc/>
    public string Key => spec.Key;

    /// <inheritdoc/>
    public async Task<Judgement> JudgeAsync(JudgeQuestion question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        var nonce = JudgePrompt.Nonce(spec, question);
        var response = await Ask(question, nonce, cancellation).ConfigureAwait(false);
        if (response.ModelId is { } model && model != spec.Model)
            throw new PruneBuildException("PB5044", question.CaseId, $"'{model}' answered instead of '{spec.Model}'");
        return Parse(question, nonce, response.Text);
    }

    private async Task<ChatResponse> Ask(JudgeQuestion question, string nonce, CancellationToken cancellation)
    {
        ChatMessage[] messages = [new(ChatRole.System, JudgePrompt.System(spec, nonce)), new(ChatRole.User, JudgePrompt.User(question, nonce))];
        var options = new ChatOptions { ModelId = spec.Model, Temperature = JudgePrompt.Temperature, Seed = spec.Seed, MaxOutputTokens = MaxOutputTokens };
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(spec.TimeoutSeconds), clock ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            // A client that ignores the token must not hold the build up.
            return await client.GetResponseAsync(messages, options, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // Any failure of a foreign client is the same to the gate: there is no answer.
            var reason = timeout.IsCancellationRequested
                ? FormattableString.Invariant($"no answer within {spec.TimeoutSeconds} s")
                : $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
            throw new PruneBuildException(Diagnostic.Create("PB5044", Severity.Error, question.CaseId, reason), exception);
        }
    }

    private Judgement Parse(JudgeQuestion question, string nonce, string answer)
    {
        PruneBuildException Unusable(string reason) =>
            new("PB5043", question.CaseId, answer.Length > MaxQuoted ? string.Concat(answer.AsSpan(0, MaxQuoted), "…").ReplaceLineEndings(" ") : answer.ReplaceLineEndings(" "), reason);

        var words = answer.Trim().Split(' ');
        if (words.Length != 2) throw Unusable("a number and a label are expected");
        if (words[0] != nonce) throw Unusable("it does not have the number of the question, so it may come from the case");
        return new Judgement(spec.Find(words[1]) ?? throw Unusable($"the labels are {string.Join(", ", spec.Labels.Select(label => label.Name))}"), InjectionSigns.Find(question));
    }
}

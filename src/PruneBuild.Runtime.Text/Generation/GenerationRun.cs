using System.Diagnostics;
using System.Text;

namespace PruneBuild.Runtime.Text;

/// <summary>One text while it is written: chooses tokens, makes characters of them and decides when it ends.</summary>
internal sealed class GenerationRun
{
    private readonly LanguageModel model;
    private readonly GenerationOptions options;
    private readonly TokenSampler sampler;
    private readonly StopScanner scanner;
    private readonly TokenDecoder? characters;
    private readonly ConstrainedVocabulary? constraint;
    private readonly StringBuilder text = new();
    private readonly List<int> tokens = [];
    private readonly long seed;
    private readonly int promptTokens;
    private readonly int cachedTokens;
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly long sessionStart;
    private TimeSpan first;

    /// <summary>Starts a text.</summary>
    /// <param name="model">Whose vocabulary and end tokens count.</param>
    /// <param name="prompt">What it continues.</param>
    /// <param name="cachedTokens">What of that was cached.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="constraint">Of the options, at its beginning.</param>
    /// <param name="sessionTicks">Stopwatch ticks that all runs of the session took before.</param>
    public GenerationRun(LanguageModel model, IReadOnlyList<int> prompt, int cachedTokens, GenerationOptions options, ConstrainedVocabulary? constraint, long sessionTicks)
    {
        (this.model, this.options, this.cachedTokens, this.constraint, sessionStart) = (model, options, cachedTokens, constraint, sessionTicks);
        promptTokens = prompt.Count;
        seed = options.Seed ?? Random.Shared.NextInt64();
        sampler = new TokenSampler(model.Vocabulary, options, seed);
        scanner = new StopScanner(options.StopStrings);
        characters = model.HasTokenizer ? model.Tokenizer.CreateDecoder(options.StartsText, options.VisibleTokens) : null;
        foreach (var token in prompt)
            sampler.Observe(token);
    }

    /// <summary>The token that was chosen last.</summary>
    public int Last => tokens[^1];

    /// <summary>The whole, once it has ended.</summary>
    public GenerationResult? Result { get; private set; }

    /// <summary>Chooses a token, and gives the characters that are certain now.</summary>
    /// <param name="logits">After the last token.</param>
    /// <param name="sessionTicks">Stopwatch ticks that all runs of the session took by now.</param>
    /// <exception cref="EdgeModelException">PB6117: the logits are no numbers. PB6118: no token fits the constraint.</exception>
    public string Take(Span<float> logits, long sessionTicks)
    {
        var token = sampler.Next(logits, constraint);
        constraint?.Take(token);
        sampler.Observe(token);
        tokens.Add(token);
        if (tokens.Count == 1)
            first = Stopwatch.GetElapsedTime(start);
        var ended = !options.IgnoreEndTokens && model.IsEnd(token);
        // A model may have logits beyond the tokenizer's tokens, which only round its vocabulary up.
        var part = ended || characters is null || token >= model.Tokenizer.Count ? "" : scanner.Push(characters.Push(token));
        var end = scanner.Stopped ? GenerationEnd.StopString
            : ended ? GenerationEnd.EndToken
            : constraint is { IsComplete: true } ? GenerationEnd.ConstraintMet
            : tokens.Count == options.MaxTokens ? GenerationEnd.MaxTokens
            : promptTokens + tokens.Count == model.ContextLength ? GenerationEnd.ContextFull
            : (GenerationEnd?)null;
        if (end is { } reason)
            part = End(part, reason, sessionTicks);
        else
            text.Append(part);
        return part;
    }

    private string End(string part, GenerationEnd reason, long sessionTicks)
    {
        if (!scanner.Stopped && characters is not null)
        {
            part += scanner.Push(characters.Flush());
            if (scanner.Stopped)
                reason = GenerationEnd.StopString;
            else
                part += scanner.Flush();
        }
        text.Append(part);
        Result = new(text.ToString(), tokens, promptTokens, cachedTokens, reason, seed, first, Stopwatch.GetElapsedTime(start),
            Stopwatch.GetElapsedTime(sessionStart, sessionTicks));
        return part;
    }
}

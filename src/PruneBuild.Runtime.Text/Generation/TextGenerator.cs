using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime.Text;

/// <summary>
/// Continues texts with a <see cref="LanguageModel"/>, one at a time. A prompt that begins like what was read and written before finds that
/// in the cache, so a conversation is read once.
/// </summary>
public sealed class TextGenerator : IDisposable
{
    private readonly LanguageModel model;
    private readonly CachedDecoder decoder;
    private (GenerationOptions Options, ConstrainedVocabulary Vocabulary)? constrained;
    private int busy;

    internal TextGenerator(LanguageModel model, CachedDecoder decoder) => (this.model, this.decoder) = (model, decoder);

    /// <summary>Continues a text; the tokenizer puts before it what it puts before every text.</summary>
    /// <param name="prompt">Any valid text.</param>
    /// <param name="options">Defaults (greedy) when null.</param>
    /// <param name="cancellationToken">Ends the generation, within a token too.</param>
    /// <exception cref="EdgeModelException">PB6110, PB6112, PB6113, PB6115, PB6117, PB6118.</exception>
    /// <exception cref="OperationCanceledException">It was ended; the generator can be used again.</exception>
    public GenerationResult Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate(model.Tokenizer.Encode(prompt), options, cancellationToken);

    /// <summary>Continues tokens.</summary>
    /// <param name="prompt">At least one token, exactly as the model reads them.</param>
    /// <inheritdoc cref="Generate(string, GenerationOptions, CancellationToken)"/>
    /// <param name="options">Defaults (greedy) when null.</param>
    /// <param name="cancellationToken">Ends the generation, within a token too.</param>
    public GenerationResult Generate(IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream(prompt, options, cancellationToken).Last().Result!;

    /// <summary>As <see cref="Generate(string, GenerationOptions, CancellationToken)"/>, part by part.</summary>
    /// <inheritdoc cref="Generate(string, GenerationOptions, CancellationToken)"/>
    /// <param name="prompt">Any valid text.</param>
    /// <param name="options">Defaults (greedy) when null.</param>
    /// <param name="cancellationToken">Ends the generation, within a token too.</param>
    public IEnumerable<GenerationUpdate> Stream(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Stream(model.Tokenizer.Encode(prompt), options, cancellationToken);

    /// <summary>As <see cref="Generate(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>, part by part.</summary>
    /// <inheritdoc cref="Generate(string, GenerationOptions, CancellationToken)"/>
    /// <param name="prompt">At least one token, exactly as the model reads them.</param>
    /// <param name="options">Defaults (greedy) when null.</param>
    /// <param name="cancellationToken">Ends the generation, within a token too.</param>
    public IEnumerable<GenerationUpdate> Stream(IReadOnlyList<int> prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new();
        options.Validate();
        Check(prompt);
        return Updates(prompt, options, cancellationToken);
    }

    /// <summary>The logits after tokens, one of each in the vocabulary, copied; what the cache holds of them is not computed again.</summary>
    /// <param name="tokens">As for <see cref="Generate(IReadOnlyList{int}, GenerationOptions, CancellationToken)"/>, but they may fill the context.</param>
    /// <exception cref="EdgeModelException">PB6112, PB6113, PB6115, PB6117.</exception>
    public float[] Logits(IReadOnlyList<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Check(tokens, spare: 0);
        using var run = new RunOptions();
        using var use = Use();
        var cached = Cached(tokens);
        decoder.Truncate(cached);
        return Feed([.. tokens.Skip(cached)], run, default).ToArray();
    }

    /// <summary>Frees the cache.</summary>
    public void Dispose() => decoder.Dispose();

    /// <summary>How many tokens the cache holds of a text, of which at least the last must be fed.</summary>
    internal int Cached(IReadOnlyList<int> tokens)
    {
        var (held, count) = (decoder.Tokens, 0);
        while (count < held.Count && count < tokens.Count - 1 && held[count] == tokens[count])
            count++;
        return count;
    }

    private IEnumerable<GenerationUpdate> Updates(IReadOnlyList<int> prompt, GenerationOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = Use();
        using var run = new RunOptions();
        using var registration = cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, run);
        var cached = options.ReuseCache ? Cached(prompt) : 0;
        decoder.Truncate(cached);
        var text = new GenerationRun(model, prompt, cached, options, Constrained(options), decoder.SessionTicks);
        var next = prompt.Skip(cached).ToArray();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = text.Take(Feed(next, run, cancellationToken), decoder.SessionTicks);
            if (text.Result is not null || part.Length > 0)
                yield return new(part, text.Result);
            if (text.Result is not null)
                yield break;
            if (next.Length != 1)
                next = new int[1];
            next[0] = text.Last;
        }
    }

    /// <summary>The constraint at its beginning; what was found out about it for the text before is still known.</summary>
    private ConstrainedVocabulary? Constrained(GenerationOptions options)
    {
        if (options.Constraint is not { } constraint)
            return null;
        if (constrained is { } known && known.Options.Constraint == constraint && known.Options.IgnoreEndTokens == options.IgnoreEndTokens
            && known.Options.VisibleTokens.SequenceEqual(options.VisibleTokens))
            known.Vocabulary.Restart();
        else
            constrained = (options, new ConstrainedVocabulary(
                constraint.Grammar, model.Tokens(options.VisibleTokens), options.IgnoreEndTokens ? [] : model.EndTokens, model.Vocabulary));
        return constrained.Value.Vocabulary;
    }

    private Span<float> Feed(ReadOnlySpan<int> tokens, RunOptions run, CancellationToken cancellationToken)
    {
        try
        {
            return decoder.Feed(tokens, run);
        }
        catch (OnnxRuntimeException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EdgeModelException(EdgeModelException.GenerationFailed, $"The model failed behind {decoder.Tokens.Count} tokens: {exception.Message}", exception);
        }
    }

    private void Check(IReadOnlyList<int> prompt, int spare = 1)
    {
        if (prompt.Count == 0)
            throw new EdgeModelException(EdgeModelException.GenerationInvalid, "The prompt has no tokens.");
        if (prompt.Count + spare > model.ContextLength)
            throw new EdgeModelException(EdgeModelException.ContextExceeded, $"The prompt has {prompt.Count} tokens; the context is {model.ContextLength}.");
        foreach (var token in prompt)
            if (token < 0 || token >= model.Vocabulary)
                throw new EdgeModelException(EdgeModelException.VocabularyMismatch, $"The prompt has token {token}; the model knows those from 0 to {model.Vocabulary - 1}.");
    }

    private Busy Use() => Interlocked.Exchange(ref busy, 1) == 0 ? new(this) : throw new InvalidOperationException("The generator is writing another text.");

    private sealed class Busy(TextGenerator generator) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref generator.busy, 0);
    }
}

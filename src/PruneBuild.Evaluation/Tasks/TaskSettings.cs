using System.Security.Cryptography;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>That of the first token.</summary>
    First,
}

/// <summary>What only tasks on tokens and on vectors have.</summary>
public sealed record TaskSettings
{
    private const string JudgeKey = Judging.HarnessJudge.Key;
    private const int LongestWindow = 1 << 20;
    private const int MostTokens = 1 << 24;

    /// <summary>The model input that takes tokens; null for the one that exporters name so.</summary>
    public string? TokenInput { get; init; }

    /// <summary>Whether the model takes tokens, not tensors.</summary>
    public bool TakesTokens { get; init; }

    /// <summary>Bytes of a token id in a token file: 2 or 4.</summary>
    public int TokenWidth { get; init; } = sizeof(int);

    /// <summary>Put before every window and every question; null for nothing.</summary>
    public int? StartToken { get; init; }

    /// <summary>Tokens that the model sees at once, the start token among them.</summary>
    public int Window { get; init; }

    /// <summary>Tokens by which the window moves on.</summary>
    public int Stride { get; init; }

    /// <summary>The tokenizer, which only its hash is taken of.</summary>
    public NamedFile? Tokenizer { get; init; }

    /// <summary>A little-endian uint16 for every token of the vocabulary: its bytes in UTF-8.</summary>
    public NamedFile? TokenBytes { get; init; }

    /// <summary>The documents that queries are answered from.</summary>
    public NamedFile? Corpus { get; init; }

    /// <summary>How models write; null for tasks in which they do not.</summary>
    public WritingSettings? Writing { get; init; }

    /// <summary>How the vectors of tokens become one.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Slices by the length of what comes before; null without any.</summary>
    public ContextLengths? ContextLengths { get; init; }

    /// <summary>The files that it names.</summary>
    internal IEnumerable<NamedFile> Files => new[] { Tokenizer, TokenBytes, Corpus }.OfType<NamedFile>();

    /// <summary>The keys that a task has beside those of all tasks.</summary>
    internal static string[] Keys(TaskKind task) => task switch
    {
        TaskKind.Classification => ["classes", "input"],
        TaskKind.Regression => ["input"],
        TaskKind.Embedding => ["input", "pooling", "corpus"],
        TaskKind.Language => ["input", "window", "stride", "startToken", "tokenizer", "tokenBytes", ContextLengths.Key],
        TaskKind.Generation => [WritingSettings.Key, JudgeKey, ContextLengths.Key],
        _ => ["input", "startToken", ContextLengths.Key],
    };

    /// <exception cref="PruneBuildException">PB1011 to PB1013, PB1030 or PB1035 at the token at fault.</exception>
    internal static TaskSettings Parse(JsonSection harness, TaskKind task, string folder)
    {
        var input = harness.Has("input") ? harness.Section("input") : null;
        var takesTokens = task is TaskKind.Language or TaskKind.MultipleChoice or TaskKind.Generation || (task == TaskKind.Embedding && !(input ?? harness.Section("input")).Has("shape"));
        if (takesTokens) input?.AllowOnly("name", "elementType");
        var isLanguage = task == TaskKind.Language;
        var settings = new TaskSettings
        {
            TakesTokens = takesTokens,
            TokenInput = takesTokens ? input?.OptionalText("name") : null,
            TokenWidth = takesTokens && input?.Has("elementType") == true ? input.OneOf("elementType", ("uint16", sizeof(ushort)), ("int32", sizeof(int))) : sizeof(int),
            StartToken = harness.Has("startToken") ? harness.WholeNumber("startToken", 0, MostTokens) : null,
            Window = isLanguage ? harness.WholeNumber("window", 2, LongestWindow) : 0,
            Tokenizer = isLanguage ? NamedFile.Parse(harness, "tokenizer", folder) : null,
            Writing = task == TaskKind.Generation ? WritingSettings.Parse(harness) : null,
            TokenBytes = NamedFile.ParseOptional(harness, "tokenBytes", folder),
            Corpus = NamedFile.ParseOptional(harness, "corpus", folder),
            Pooling = harness.Has("pooling") ? harness.OneOf("pooling", ("mean", Pooling.Mean), ("first", Pooling.First)) : Pooling.Mean,
        };
        settings = settings with { ContextLengths = ContextLengths.Parse(harness, settings.Window) };
        var most = settings.Window - (settings.StartToken is null ? 0 : 1);
        return isLanguage ? settings with { Stride = harness.Has("stride") ? harness.WholeNumber("stride", 1, most) : most } : settings;
    }

    /// <summary>The first twelve digits of the tokenizer's hash, for the protocol.</summary>
    internal string TokenizerHash => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Tokenizer!.Path)))[..12];
}

using System.Text.Json;
using System.Text.RegularExpressions;

namespace PruneBuild.Runtime.Text;

/// <summary>Reads the parts of a <c>tokenizer.json</c>; what it does not know it refuses by name.</summary>
internal sealed partial class TokenizerParts(string path)
{
    private const string Words = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const char Mark = '\u2581';

    /// <summary>A part that is there and not null.</summary>
    public static JsonElement? Part(JsonElement parent, string key) => parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>A text, or null.</summary>
    public static string? Text(JsonElement parent, string key) => parent.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A flag, or what counts without it.</summary>
    public static bool Flag(JsonElement parent, string key, bool missing) =>
        parent.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : missing;

    /// <summary>Whether the pieces of a text are bytes.</summary>
    public static bool HasByteLevel(JsonElement? part) => part is { } splitter
        && (Text(splitter, "type") == "ByteLevel" || (Text(splitter, "type") == "Sequence" && splitter.GetProperty("pretokenizers").EnumerateArray().Any(one => HasByteLevel(one))));

    /// <summary>The normalizer, or null.</summary>
    public Normalizer? Normalizer(JsonElement? part, string place)
    {
        if (part is not { } normalizer)
            return null;
        switch (Text(normalizer, "type"))
        {
            case "Sequence":
                return new NormalizerSequence([.. normalizer.GetProperty("normalizers").EnumerateArray().Select((one, index) => Normalizer(one, $"{place}.normalizers[{index}]")!)]);
            case "NFC":
                return new ComposingNormalizer();
            case "Prepend":
                return new PrependNormalizer(normalizer.GetProperty("prepend").GetString()!);
            case "Replace":
                var (text, expression) = Pattern(normalizer.GetProperty("pattern"), place);
                var content = normalizer.GetProperty("content").GetString()!;
                return text is not null ? new ReplaceNormalizer(text, content) : new ReplaceMatchesNormalizer(expression!, content);
            case "Lowercase":
                return new LowercaseNormalizer();
            case "Precompiled":
                return new MappingNormalizer(new CharacterMap(normalizer.GetProperty("precompiled_charsmap").GetBytesFromBase64()));
            case "Strip":
                return new StripNormalizer(Flag(normalizer, "strip_left", true), Flag(normalizer, "strip_right", true));
            case var type:
                throw TokenizerFile.Unsupported(path, $"{place}.type", type ?? "missing", "Sequence, NFC, Prepend, Replace, Lowercase, Precompiled, Strip");
        }
    }

    /// <summary>What cuts a text into pieces, or null.</summary>
    public Splitter? Splitter(JsonElement? part, string place)
    {
        if (part is not { } splitter)
            return null;
        switch (Text(splitter, "type"))
        {
            case "Sequence":
                return new SplitterSequence([.. splitter.GetProperty("pretokenizers").EnumerateArray().Select((one, index) => Splitter(one, $"{place}.pretokenizers[{index}]")!)]);
            case "Split":
                var (text, expression) = Pattern(splitter.GetProperty("pattern"), place);
                return new PatternSplitter(text is not null ? SplitMatches.Of(text) : SplitMatches.Of(expression!), Behavior(splitter, place), Flag(splitter, "invert", false));
            case "ByteLevel":
                var words = Flag(splitter, "use_regex", true) ? new PatternSplitter(SplitMatches.Of(Expression(Words, place)), SplitBehavior.Isolated) : null;
                var spaced = Flag(splitter, "add_prefix_space", true) ? new SpacePrefixer() : null;
                return new SplitterSequence([.. new Splitter?[] { spaced, words }.OfType<Splitter>()]);
            case "Digits":
                return new PatternSplitter(SplitMatches.Of(SplitMatches.IsNumeric), Flag(splitter, "individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
            case "WhitespaceSplit":
                return new PatternSplitter(SplitMatches.Of(System.Text.Rune.IsWhiteSpace), SplitBehavior.Removed);
            case "Punctuation":
                return new PatternSplitter(SplitMatches.Of(SplitMatches.IsPunctuation), Behavior(splitter, place));
            case "Metaspace":
                var prepend = (Text(splitter, "prepend_scheme") ?? (Flag(splitter, "add_prefix_space", true) ? "always" : "never")) switch
                {
                    "always" => true,
                    "first" => (bool?)null,
                    "never" => false,
                    var scheme => throw TokenizerFile.Unsupported(path, $"{place}.prepend_scheme", scheme, "always, first, never"),
                };
                return new MetaspaceSplitter((Text(splitter, "replacement") ?? $"{Mark}")[0], prepend, Flag(splitter, "split", true));
            case var type:
                throw TokenizerFile.Unsupported(path, $"{place}.type", type ?? "missing", "Sequence, Split, ByteLevel, Digits, Punctuation, Metaspace, WhitespaceSplit");
        }
    }

    /// <summary>The tokens before and behind every text.</summary>
    public (IReadOnlyList<int> Before, IReadOnlyList<int> Behind) Framing(JsonElement? part, string place)
    {
        if (part is not { } processor)
            return ([], []);
        switch (Text(processor, "type"))
        {
            case "ByteLevel":
                return ([], []);
            case "Sequence":
                var all = processor.GetProperty("processors").EnumerateArray().Select((one, index) => Framing(one, $"{place}.processors[{index}]")).ToList();
                return ([.. Enumerable.Reverse(all).SelectMany(one => one.Before)], [.. all.SelectMany(one => one.Behind)]);
            case "TemplateProcessing":
                var (before, behind, passed) = (new List<int>(), new List<int>(), false);
                foreach (var piece in processor.GetProperty("single").EnumerateArray())
                {
                    if (piece.TryGetProperty("Sequence", out _))
                        passed = true;
                    else
                        (passed ? behind : before).AddRange(processor.GetProperty("special_tokens").GetProperty(piece.GetProperty("SpecialToken").GetProperty("id").GetString()!)
                            .GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
                }
                return (before, behind);
            case var type:
                throw TokenizerFile.Unsupported(path, $"{place}.type", type ?? "missing", "Sequence, ByteLevel, TemplateProcessing");
        }
    }

    /// <summary>How tokens become text.</summary>
    public TokenWriting Writing(JsonElement? part)
    {
        var writing = new TokenWriting(false, null, false, false);
        if (part is not { } decoder)
            throw TokenizerFile.Unsupported(path, "decoder", "null", "ByteLevel, Metaspace, or a Sequence of Replace, ByteFallback, Fuse, Strip");
        var steps = Text(decoder, "type") == "Sequence" ? decoder.GetProperty("decoders").EnumerateArray().ToList() : [decoder];
        foreach (var step in steps)
            writing = Step(writing, step);
        return writing;
    }

    private TokenWriting Step(TokenWriting writing, JsonElement step)
    {
        switch (Text(step, "type"))
        {
            case "ByteLevel":
                return writing with { ByteLevel = true };
            case "ByteFallback":
                return writing with { ByteFallback = true };
            case "Fuse":
                return writing;
            case "Replace" when step.GetProperty("pattern").TryGetProperty("String", out var space) && Text(step, "content") == " ":
                return writing with { Space = space.GetString() };
            case "Strip" when Text(step, "content") == " " && step.GetProperty("start").GetInt32() == 1 && step.GetProperty("stop").GetInt32() == 0:
                return writing with { StripsFirstSpace = true };
            case "Metaspace":
                var prepends = Text(step, "prepend_scheme") is { } scheme ? scheme != "never" : Flag(step, "add_prefix_space", true);
                return writing with { Space = Text(step, "replacement") ?? $"{Mark}", DropsFirstSpaces = prepends };
            case var type:
                throw TokenizerFile.Unsupported(path, "decoder", type is "Replace" or "Strip" ? step.GetRawText() : type ?? "missing",
                    "ByteLevel, Metaspace, ByteFallback, Fuse, Replace of a text by a space, Strip of the first space");
        }
    }

    private SplitBehavior Behavior(JsonElement part, string place) => Enum.TryParse<SplitBehavior>(Text(part, "behavior"), out var behavior)
        ? behavior : throw TokenizerFile.Unsupported(path, $"{place}.behavior", Text(part, "behavior") ?? "missing", string.Join(", ", Enum.GetNames<SplitBehavior>()));

    private (string? Text, Regex? Expression) Pattern(JsonElement pattern, string place) => Text(pattern, "String") is { } text
        ? (text, null) : (null, Expression(pattern.GetProperty("Regex").GetString()!, place));

    private Regex Expression(string pattern, string place)
    {
        try
        {
            if (ForeignSyntax().IsMatch(pattern))
                throw new ArgumentException("intersections of sets and properties by script are of another dialect");
            return new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException exception)
        {
            throw new EdgeModelException(EdgeModelException.TokenizerUnsupported, $"{path}: {place} has the expression '{pattern}', which .NET does not read alike: {exception.Message}", exception);
        }
    }

    /// <summary>What .NET would read, but as something else.</summary>
    [GeneratedRegex(@"&&|\\h|\[\[:")]
    private static partial Regex ForeignSyntax();
}

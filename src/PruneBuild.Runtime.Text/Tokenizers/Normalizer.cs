using System.Text;
using System.Text.RegularExpressions;

namespace PruneBuild.Runtime.Text;

/// <summary>What a tokenizer does to a text before it looks for tokens.</summary>
internal abstract record Normalizer
{
    /// <summary>The text as it is read.</summary>
    public abstract string Apply(string text);
}

/// <summary>Several, one after another.</summary>
internal sealed record NormalizerSequence(IReadOnlyList<Normalizer> Parts) : Normalizer
{
    public override string Apply(string text) => Parts.Aggregate(text, (now, part) => part.Apply(now));
}

/// <summary>A text before every text that is not empty.</summary>
internal sealed record PrependNormalizer(string Prefix) : Normalizer
{
    public override string Apply(string text) => text.Length == 0 ? text : Prefix + text;
}

/// <summary>One text instead of another.</summary>
internal sealed record ReplaceNormalizer(string Pattern, string Content) : Normalizer
{
    public override string Apply(string text) => text.Replace(Pattern, Content, StringComparison.Ordinal);
}

/// <summary>A text instead of what an expression matches.</summary>
internal sealed record ReplaceMatchesNormalizer(Regex Pattern, string Content) : Normalizer
{
    public override string Apply(string text) => Pattern.Replace(text, _ => Content);
}

/// <summary>Lower case.</summary>
internal sealed record LowercaseNormalizer : Normalizer
{
    public override string Apply(string text) => text.ToLowerInvariant();
}

/// <summary>Without white space at the ends.</summary>
internal sealed record StripNormalizer(bool Left, bool Right) : Normalizer
{
    public override string Apply(string text) => (Left, Right) switch
    {
        (true, true) => text.Trim(),
        (true, false) => text.TrimStart(),
        (false, true) => text.TrimEnd(),
        _ => text,
    };
}

/// <summary>The canonical composition of Unicode, NFC.</summary>
internal sealed record ComposingNormalizer : Normalizer
{
    public override string Apply(string text) => CanonicalComposition.Of(text);
}

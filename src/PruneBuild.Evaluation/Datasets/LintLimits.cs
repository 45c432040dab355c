namespace PruneBuild.Evaluation.Datasets;

/// <summary>What the lint of a dataset takes for too much or too little; the key <c>lint</c> of <c>dataset.json</c>.</summary>
public sealed record LintLimits
{
    /// <summary>Bytes that a case may have; a longer line is not read.</summary>
    public const int DefaultMaxCaseBytes = 10_000_000;

    private const int MostBytes = 1 << 30;

    /// <summary>Cases below which a slice of <c>dev</c> or <c>gate</c> says little.</summary>
    public int MinSlice { get; init; } = 30;

    /// <summary>How many times as many cases the most frequent class of a split may have as the rarest.</summary>
    public double MaxImbalance { get; init; } = 10;

    /// <summary>Bytes of one case.</summary>
    public int MaxCaseBytes { get; init; } = DefaultMaxCaseBytes;

    /// <summary>Characters of the texts in one input.</summary>
    public int MaxTextLength { get; init; } = 32_000;

    /// <summary>Jaccard similarity of two texts' shingles from which on they are near duplicates.</summary>
    public double Similarity { get; init; } = 0.8;

    /// <summary>Words of a shingle.</summary>
    public int ShingleWords { get; init; } = 3;

    /// <summary>Seed of the hash functions that find candidates for near duplicates.</summary>
    public int Seed { get; init; } = 1;

    internal static LintLimits Parse(JsonSection section)
    {
        section.AllowOnly("minSlice", "maxImbalance", "maxCaseBytes", "maxTextLength", "similarity", "shingleWords", "seed");
        var limits = new LintLimits();
        int Whole(string key, int missing, int min, int max) => section.Has(key) ? section.WholeNumber(key, min, max) : missing;
        double Number(string key, double missing, double min, double max) => section.Has(key) ? section.Number(key, min, max) : missing;
        return new LintLimits
        {
            MinSlice = Whole("minSlice", limits.MinSlice, 1, int.MaxValue),
            MaxImbalance = Number("maxImbalance", limits.MaxImbalance, 1, double.MaxValue),
            MaxCaseBytes = Whole("maxCaseBytes", limits.MaxCaseBytes, 1, MostBytes),
            MaxTextLength = Whole("maxTextLength", limits.MaxTextLength, 1, MostBytes),
            Similarity = Number("similarity", limits.Similarity, 0.5, 1),
            ShingleWords = Whole("shingleWords", limits.ShingleWords, 1, 100),
            Seed = Whole("seed", limits.Seed, 0, int.MaxValue),
        };
    }
}

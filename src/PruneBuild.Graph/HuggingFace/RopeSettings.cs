namespace PruneBuild.Graph.HuggingFace;

/// <summary>Reads rotary position embeddings from a config: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both.</summary>
internal static class RopeSettings
{
    private const double DefaultBase = 10_000;
    private const string OriginalKey = "original_max_position_embeddings";

    private static readonly string[] Scalings = ["default", "linear", "llama3", "longrope"];

    /// <summary>The embedding of heads of a size.</summary>
    /// <param name="config">The whole config.</param>
    /// <param name="headSize">Features of a head.</param>
    /// <param name="baseKey">Name of θ.</param>
    /// <param name="fractionKey">Name of the fraction of a head's features that turn.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB2025: the scaling is another one. PB1012, PB1013: a value is missing or wrong.</exception>
    public static RotaryEmbedding Read(FolderJson config, int headSize, string baseKey = "rope_theta", string fractionKey = "partial_rotary_factor")
    {
        var parameters = config.Section("rope_parameters");
        double Number(string key, double missing) => parameters?.Has(key) == true ? parameters.Number(key) : config.Number(key, missing);
        var fraction = Number(fractionKey, 1);
        var dimensions = (int)(headSize * fraction);
        return fraction <= 1 && dimensions >= 2 && dimensions % 2 == 0
            ? Scaled(new RotaryEmbedding(Number(baseKey, DefaultBase), dimensions), config, parameters ?? config.Section("rope_scaling"))
            : throw config.Invalid(fractionKey, $"an even number of the {headSize} features of a head is expected");
    }

    private static RotaryEmbedding Scaled(RotaryEmbedding plain, FolderJson config, FolderJson? scaling)
    {
        var key = scaling?.Has("rope_type") == false ? "type" : "rope_type";
        if (scaling is null || !scaling.Has(key))
            return plain;
        switch (scaling.Text(key))
        {
            case "default":
                return plain;
            case "linear":
                return plain with { Scaling = new LinearRopeScaling(scaling.Number("factor")) };
            case "llama3":
                var made = new Llama3RopeScaling(
                    scaling.Number("factor"), scaling.Number("low_freq_factor"), scaling.Number("high_freq_factor"), scaling.Count(OriginalKey, ConfigReader.MostPositions));
                return made.HighFactor > made.LowFactor
                    ? plain with { Scaling = made } : throw scaling.Invalid("high_freq_factor", $"a number above low_freq_factor, {made.LowFactor}, is expected");
            case "longrope" or "su":
                return LongRope(plain, config, scaling);
            case var name:
                throw scaling.Error(key, "PB2025", name, string.Join(", ", Scalings));
        }
    }

    /// <summary>
    /// LongRoPE (Ding et al. 2024): a factor for every frequency, other ones for texts longer than those of the first training. Its length
    /// stands beside the scaling in older configs; cosines and sines grow with the ratio of the two lengths.
    /// </summary>
    private static RotaryEmbedding LongRope(RotaryEmbedding plain, FolderJson config, FolderJson scaling)
    {
        var told = config.Has(OriginalKey) ? config : scaling;
        var (original, most) = (told.Count(OriginalKey, ConfigReader.MostPositions), config.Count("max_position_embeddings", ConfigReader.MostPositions));
        if (original == 1)
            throw told.Invalid(OriginalKey, "a whole number above 1 is expected");
        var ratio = scaling.Number("factor", (double)most / original);
        var magnitude = scaling.Number("attention_factor", ratio > 1 ? Math.Sqrt(1 + (Math.Log(ratio) / Math.Log(original))) : 1);
        RotaryEmbedding Of(string factors, string scale) => plain with
        {
            Scaling = new LongRopeScaling(scaling.Numbers(factors, plain.Dimensions / 2)), Magnitude = scaling.Number(scale, magnitude),
        };
        var (shorter, longer) = (Of("short_factor", "short_mscale"), Of("long_factor", "long_mscale"));
        return most > original ? shorter with { Longer = new LongerTexts(original, longer) } : shorter;
    }
}

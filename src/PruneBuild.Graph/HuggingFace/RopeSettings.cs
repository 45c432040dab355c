namespace PruneBuild.Graph.HuggingFace;

/// <summary>Reads rotary position embeddings from a config: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both.</summary>
internal static class RopeSettings
{
    private const double DefaultBase = 10_000;
    private const string FactorKey = "factor";
    private const string OriginalKey = "original_max_position_embeddings";

    private static readonly string[] Scalings = ["default", "linear", "llama3", "longrope", "yarn", "dynamic"];

    /// <summary>The embedding of heads of a size.</summary>
    /// <param name="config">The whole config.</param>
    /// <param name="headSize">Features of a head.</param>
    /// <param name="baseKey">Name of θ.</param>
    /// <param name="fractionKey">Name of the fraction of a head's features that turn.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB2025: the scaling is another one. PB1012, PB1013: a value is missing or wrong.</exception>
    public static RotaryEmbedding Read(FolderJson config, int headSize, string baseKey = "rope_theta", string fractionKey = "partial_rotary_factor")
    {
        var parameters = config.Section("rope_parameters");
        FolderJson Holder(string key) => parameters?.Has(key) == true ? parameters : config;
        var (root, fraction) = (Holder(baseKey).Number(baseKey, DefaultBase), Holder(fractionKey).Number(fractionKey, 1));
        if (root <= 1)
            throw Holder(baseKey).Invalid(baseKey, "a number above 1 is expected");
        var dimensions = (int)(headSize * fraction);
        return fraction <= 1 && dimensions >= 2 && dimensions % 2 == 0
            ? Scaled(new RotaryEmbedding(root, dimensions), config, parameters ?? config.Section("rope_scaling"))
            : throw Holder(fractionKey).Invalid(fractionKey, $"an even number of the {headSize} features of a head is expected");
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
                return plain with { Scaling = new LinearRopeScaling(scaling.Number(FactorKey)) };
            case "llama3":
                var made = new Llama3RopeScaling(
                    scaling.Number(FactorKey), scaling.Number("low_freq_factor"), scaling.Number("high_freq_factor"), scaling.Count(OriginalKey, ConfigReader.MostPositions));
                return made.HighFactor > made.LowFactor
                    ? plain with { Scaling = made } : throw scaling.Invalid("high_freq_factor", $"a number above low_freq_factor, {made.LowFactor}, is expected");
            case "longrope" or "su":
                return LongRope(plain, config, scaling);
            case "yarn":
                return Yarn(plain, config, scaling);
            case "dynamic":
                return plain with { Scaling = new DynamicRopeScaling(Stretch(scaling)) };
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
        var told = OriginalIn(config, scaling);
        var (original, most) = (told.Count(OriginalKey, ConfigReader.MostPositions), config.Count("max_position_embeddings", ConfigReader.MostPositions));
        if (original == 1)
            throw told.Invalid(OriginalKey, "a whole number above 1 is expected");
        var ratio = scaling.Number(FactorKey, (double)most / original);
        var magnitude = scaling.Number("attention_factor", ratio > 1 ? Math.Sqrt(1 + (Math.Log(ratio) / Math.Log(original))) : 1);
        RotaryEmbedding Of(string factors, string scale) => plain with
        {
            Scaling = new LongRopeScaling(scaling.Numbers(factors, plain.Dimensions / 2)), Magnitude = scaling.Number(scale, magnitude),
        };
        var (shorter, longer) = (Of("short_factor", "short_mscale"), Of("long_factor", "long_mscale"));
        return most > original ? shorter with { Longer = new LongerTexts(original, longer) } : shorter;
    }

    /// <summary>
    /// YaRN (Peng et al. 2023): what turns <c>beta_fast</c> times and more within the first training's length stays, what turns no more than
    /// <c>beta_slow</c> times is divided by the factor, and between the two the frequencies blend by their number. A factor that is told
    /// goes before the ratio of the lengths, as in current transformers; without a length of its own the first training's is
    /// <c>max_position_embeddings</c>, and the texts that are read are longer.
    /// </summary>
    private static RotaryEmbedding Yarn(RotaryEmbedding plain, FolderJson config, FolderJson scaling)
    {
        var most = config.Count("max_position_embeddings", ConfigReader.MostPositions);
        var original = OriginalIn(config, scaling).Count(OriginalKey, ConfigReader.MostPositions, most);
        var factor = original < most && !scaling.Has(FactorKey) ? (double)most / original : Stretch(scaling);
        if (original * factor > ConfigReader.MostPositions)
            throw scaling.Invalid(FactorKey, $"texts of {original} tokens are stretched to more than {ConfigReader.MostPositions}");
        var (fast, slow) = (scaling.Number("beta_fast", 32), scaling.Number("beta_slow", 1));
        if (fast <= slow)
            throw scaling.Has("beta_fast")
                ? scaling.Invalid("beta_fast", $"a number above beta_slow, {slow}, is expected") : scaling.Invalid("beta_slow", $"a number below beta_fast, {fast}, is expected");
        double IndexOf(double turns) => plain.Dimensions * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(plain.Base));
        var (kept, divided) = (IndexOf(fast), IndexOf(slow));
        if (scaling.Flag("truncate", true))
            (kept, divided) = (Math.Floor(kept), Math.Ceiling(divided));
        var (numerator, denominator) = scaling.Has("mscale") && scaling.Has("mscale_all_dim") ? (scaling.Number("mscale"), scaling.Number("mscale_all_dim")) : (1, 0);
        double Magnitude(double scale) => (0.1 * scale * Math.Log(factor)) + 1;
        return plain with
        {
            Scaling = new YarnRopeScaling(factor, Math.Max(kept, 0), Math.Min(divided, plain.Dimensions - 1)),
            Magnitude = scaling.Number("attention_factor", Magnitude(numerator) / Magnitude(denominator)),
            Reach = (int)(original * factor),
        };
    }

    /// <summary>What the first training's length is told in: beside the scaling it goes before that inside.</summary>
    private static FolderJson OriginalIn(FolderJson config, FolderJson scaling) => config.Has(OriginalKey) ? config : scaling;

    /// <summary>A factor that stretches.</summary>
    private static double Stretch(FolderJson scaling) =>
        scaling.Number(FactorKey) is var factor and > 1 ? factor : throw scaling.Invalid(FactorKey, "a number above 1 is expected");
}

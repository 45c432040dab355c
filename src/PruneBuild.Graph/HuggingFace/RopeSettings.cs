namespace PruneBuild.Graph.HuggingFace;

/// <summary>Reads rotary position embeddings from a config: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c> with both.</summary>
internal static class RopeSettings
{
    private const double DefaultBase = 10_000;

    private static readonly string[] Scalings = ["default", "linear", "llama3"];

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
            ? new RotaryEmbedding(Number(baseKey, DefaultBase), dimensions, Scaling(parameters ?? config.Section("rope_scaling")))
            : throw config.Invalid(fractionKey, $"an even number of the {headSize} features of a head is expected");
    }

    private static RopeScaling? Scaling(FolderJson? scaling)
    {
        var key = scaling?.Has("rope_type") == false ? "type" : "rope_type";
        if (scaling is null || !scaling.Has(key))
            return null;
        switch (scaling.Text(key))
        {
            case "default":
                return null;
            case "linear":
                return new LinearRopeScaling(scaling.Number("factor"));
            case "llama3":
                var made = new Llama3RopeScaling(
                    scaling.Number("factor"), scaling.Number("low_freq_factor"), scaling.Number("high_freq_factor"),
                    scaling.Count("original_max_position_embeddings", ConfigReader.MostPositions));
                return made.HighFactor > made.LowFactor ? made : throw scaling.Invalid("high_freq_factor", $"a number above low_freq_factor, {made.LowFactor}, is expected");
            case var name:
                throw scaling.Error(key, "PB2025", name, string.Join(", ", Scalings));
        }
    }
}

using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;
using PruneBuild.Compression.Drift;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>The content of <c>drift.json</c>.</summary>
/// <param name="Parent">What the models were compared with.</param>
/// <param name="Both">All that was done.</param>
internal sealed record DriftReport(string Parent, ModelDrift Both)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "drift.json";

    private static readonly JsonSerializerSettings Json = new()
    {
        Formatting = Formatting.Indented,
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        NullValueHandling = NullValueHandling.Ignore,
        // Infinity is a result here, and JSON has no number for it.
        FloatFormatHandling = FloatFormatHandling.String,
    };

    /// <summary>Pruning and what repairs it, alone; null where nothing is quantized.</summary>
    public ModelDrift? Pruning { get; init; }

    /// <summary>Quantization alone; null unless the recipe asks for the interaction.</summary>
    public ModelDrift? Quantization { get; init; }

    /// <summary>What the two do to each other; null unless the recipe asks for it.</summary>
    public Interactions? Interaction { get; init; }

    /// <summary>Writes the file.</summary>
    public void Save(string path) => File.WriteAllText(path, JsonConvert.SerializeObject(this, Json) + "\n");

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static DriftReport Load(string path) => JsonConvert.DeserializeObject<DriftReport>(File.ReadAllText(path), Json)!;

    /// <summary>The figures for the manifest and reports.</summary>
    public ArtifactDrift Summary() => new(Parent, Summary(Both))
    {
        Pruning = Pruning is null ? null : Summary(Pruning),
        Quantization = Quantization is null ? null : Summary(Quantization),
        Interaction = Interaction is null ? null : [.. new[]
        {
            Term("outputError", Interaction.OutputError), Term("layerError", Interaction.LayerError), Term("kl", Interaction.Kl), Term("flips", Interaction.Flips),
            Term("loss", Interaction.Loss), Term("accuracy", Interaction.Accuracy),
        }.OfType<ArtifactInteraction>()],
    };

    private static ArtifactModelDrift Summary(ModelDrift drift) => new(
        Finite(drift.Logits.RelativeError), Finite(drift.Logits.Kl), Finite(drift.Logits.Kl95), Finite(drift.Logits.Kl99), Finite(drift.Logits.Top1),
        Finite(drift.Logits.Labels is { } labels ? labels.Loss - labels.ParentLoss : null),
        Finite(drift.BlockCosine), Finite(drift.LayerError), Finite(drift.Generation?.MeanAgreement), Finite(drift.Largest), drift.NonFinite);

    private static ArtifactInteraction? Term(string figure, Interaction? term) => term is null
        ? null
        : new ArtifactInteraction(figure, Finite(term.Pruning), Finite(term.Quantization), Finite(term.Both), Finite(term.Rest));

    private static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}

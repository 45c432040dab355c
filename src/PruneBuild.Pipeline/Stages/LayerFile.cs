using Newtonsoft.Json;
using PruneBuild.Compression.Pruning;
using PruneBuild.Diagnostics;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>What compression did to one layer.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Pattern">Sparsity pattern, or <c>dense</c>.</param>
/// <param name="RelativeError">Relative output error after recovery, when measured.</param>
/// <param name="Reason">Why the layer was left dense or in float, or recovered in another way than asked.</param>
internal sealed record CompressedLayer(string Name, string Pattern, double? RelativeError, string? Reason)
{
    public static CompressedLayer Of(LayerReport report) =>
        new(report.Name, report.Pattern, report.RelativeErrorRecovered, report.Reason);

    public CompressedLayer With(string? reason) =>
        this with { Reason = string.Join("; ", new[] { Reason, reason }.Where(text => !string.IsNullOrEmpty(text))) };
}

/// <summary>What a compression stage has to say, on disk beside its model: warnings are repeated when the stage is not.</summary>
internal sealed record LayerFile(IReadOnlyList<CompressedLayer> Layers, IReadOnlyList<Diagnostic> Warnings)
{
    /// <summary>What was done beyond single layers; null when nothing.</summary>
    public ArtifactEdits? Edits { get; init; }

    public void Save(string path) => File.WriteAllText(path, JsonConvert.SerializeObject(this, Formatting.Indented));

    /// <summary>What the stages before have to say; nothing when a stage starts from the dense parent.</summary>
    public static LayerFile Before(StageResult source) => source.Folder.Length == 0 ? new LayerFile([], []) : Load(source.Layers);

    public static LayerFile Load(string path) => JsonConvert.DeserializeObject<LayerFile>(File.ReadAllText(path))!;

    /// <summary>Adds what a stage did beyond single layers.</summary>
    public LayerFile With(Func<ArtifactEdits, ArtifactEdits> edit) => this with { Edits = edit(Edits ?? new ArtifactEdits()) };

    /// <summary>Adds what quantization did; layers that pruning never saw are new.</summary>
    /// <param name="reports">Every layer, and why it was left alone or treated in another way than asked.</param>
    public LayerFile With(IEnumerable<(string Name, string? Reason)> reports)
    {
        var known = Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        return this with
        {
            Layers = [.. reports.Select(report => known.GetValueOrDefault(report.Name, new CompressedLayer(report.Name, "dense", null, null)).With(report.Reason))],
        };
    }
}

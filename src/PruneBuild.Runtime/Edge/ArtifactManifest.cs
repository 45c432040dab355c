using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PruneBuild.Runtime;

/// <summary>What an artifact says about itself: <c>manifest.json</c> beside the model.</summary>
public sealed record ArtifactManifest
{
    /// <summary>The schema written and read by this version.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The file's name in an artifact folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Schema version; others than <see cref="CurrentSchema"/> are refused.</summary>
    public required int Schema { get; init; }

    /// <summary>The artifact's name, as apps load it.</summary>
    public required string Name { get; init; }

    /// <summary>The runtime identifier it was built for, for example <c>linux-arm64</c>.</summary>
    public required string Rid { get; init; }

    /// <summary>The device of the catalogue it was planned for.</summary>
    public required string Device { get; init; }

    /// <summary>The version of PruneBuild that made it.</summary>
    public required string Tool { get; init; }

    /// <summary>The gate's verdict: <c>pass</c>, <c>not gated</c> (no harness), <c>inconclusive</c> (shipped as a warning), <c>waived</c> (by an entry of the ledger) or <c>fail</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>The options of the build that decided its content.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Every file of the artifact except the manifest.</summary>
    public required IReadOnlyList<ArtifactFile> Files { get; init; }

    /// <summary>What it was made from.</summary>
    public IReadOnlyList<ArtifactInput> Inputs { get; init; } = [];

    /// <summary>Bytes before and after.</summary>
    public required ArtifactSizes Sizes { get; init; }

    /// <summary>What compression did beyond single layers; null when nothing.</summary>
    public ArtifactEdits? Edits { get; init; }

    /// <summary>How far the numbers drifted from the dense parent's; null unless the recipe asks.</summary>
    public ArtifactDrift? Drift { get; init; }

    /// <summary>What became of each layer, and why.</summary>
    public IReadOnlyList<ArtifactLayer> Layers { get; init; } = [];

    /// <summary>The model among <see cref="Files"/>: <c>model.onnx</c>, else the only .onnx file.</summary>
    /// <exception cref="EdgeModelException">PB6102: there is none, or there are several.</exception>
    public ArtifactFile ModelFile()
    {
        var models = Files.Where(file => file.Path.EndsWith(".onnx", StringComparison.Ordinal)).ToList();
        return models.Find(file => file.Path == "model.onnx")
            ?? (models.Count == 1 ? models[0] : throw new EdgeModelException(EdgeModelException.ManifestInvalid, $"The manifest lists {models.Count} models; expected 'model.onnx' or a single .onnx file."));
    }

    /// <summary>One hash of the model with its weights: SHA-256 of the hashes of its files in the order of their paths, without what is said about it.</summary>
    public string ModelSha256()
    {
        var files = Files.Where(file => !file.Path.EndsWith(".json", StringComparison.Ordinal) && !file.Path.EndsWith(".html", StringComparison.Ordinal));
        var lines = files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => $"{file.Sha256.ToLowerInvariant()} {file.Path}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>Reads and checks a manifest.</summary>
    /// <param name="path">The manifest file.</param>
    /// <exception cref="EdgeModelException">PB6101: no such file. PB6102: not a manifest, another schema, or a path that leaves the folder.</exception>
    public static ArtifactManifest Load(string path)
    {
        ArtifactManifest manifest;
        try
        {
            var json = File.ReadAllBytes(path);
            var schema = JsonSerializer.Deserialize(json, ArtifactManifestJson.Default.ManifestSchema)?.Schema;
            if (schema != CurrentSchema)
                throw new EdgeModelException(EdgeModelException.ManifestInvalid, $"The manifest '{path}' has schema {schema?.ToString() ?? "none"}; this version reads schema {CurrentSchema}.");
            manifest = JsonSerializer.Deserialize(json, ArtifactManifestJson.Default.ArtifactManifest)!;
            // Generated code sets a property that the file lacks to null, whatever its initializer says.
            manifest = manifest with
            {
                Options = manifest.Options ?? new Dictionary<string, string>(),
                Inputs = manifest.Inputs ?? [],
                Layers = manifest.Layers ?? [],
            };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EdgeModelException(EdgeModelException.NotFound, $"There is no manifest at '{path}'.", exception);
        }
        catch (JsonException exception)
        {
            throw new EdgeModelException(EdgeModelException.ManifestInvalid, $"The manifest '{path}' cannot be read: {exception.Message}", exception);
        }

        manifest.Validate();
        return manifest;
    }

    /// <summary>Writes the manifest: to a temporary name first, then in place.</summary>
    /// <param name="path">The manifest file; replaced when it exists.</param>
    /// <exception cref="EdgeModelException">PB6102: a path that leaves the folder.</exception>
    public void Save(string path)
    {
        Validate();
        var temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, ArtifactManifestJson.Default.ArtifactManifest));
        File.Move(temporary, path, overwrite: true);
    }

    private void Validate()
    {
        if (Files.Any(file => file is null) || Layers.Any(layer => layer is null))
            throw new EdgeModelException(EdgeModelException.ManifestInvalid, "The manifest has an empty entry.");
        if (Files.FirstOrDefault(file => !IsInside(file.Path)) is { } outside)
            throw new EdgeModelException(EdgeModelException.ManifestInvalid, $"The manifest lists '{outside.Path}', which is not a plain relative path inside the artifact.");
        if (Files.GroupBy(file => file.Path, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new EdgeModelException(EdgeModelException.ManifestInvalid, $"The manifest lists '{twice.Key}' twice.");
    }

    private static bool IsInside(string path) =>
        path.Length > 0 && path.IndexOfAny(['\\', ':', '\0']) < 0 && path.Split('/').All(segment => segment is not ("" or "." or ".."));
}

/// <summary>One file of an artifact.</summary>
/// <param name="Path">Relative to the artifact folder, with '/'.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record ArtifactFile(string Path, long Bytes, string Sha256);

/// <summary>One input of a build.</summary>
/// <param name="Role">What it was used for, for example <c>model</c> or <c>calibration</c>.</param>
/// <param name="Path">As the project names it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits.</param>
public sealed record ArtifactInput(string Role, string Path, long Bytes, string Sha256);

/// <summary>Bytes before and after.</summary>
/// <param name="ParentBytes">The dense parent with its external data.</param>
/// <param name="ArtifactBytes">The files of the artifact.</param>
public sealed record ArtifactSizes(long ParentBytes, long ArtifactBytes);

/// <summary>What became of one layer.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Op">The operator of the dense parent.</param>
/// <param name="Outputs">Rows of the weight matrix.</param>
/// <param name="Inputs">Columns of the weight matrix.</param>
/// <param name="Pattern">The sparsity pattern, for example <c>8x4</c>, or <c>dense</c>.</param>
/// <param name="Sparsity">The fraction of zero weights.</param>
/// <param name="Precision">For example <c>float32</c> or <c>int8</c>.</param>
/// <param name="Kernel">The kernel it runs on.</param>
/// <param name="Reason">Why that kernel.</param>
/// <param name="Bytes">Stored bytes of the weights.</param>
/// <param name="Candidates">What was considered.</param>
public sealed record ArtifactLayer(
    string Name, string Op, int Outputs, int Inputs, string Pattern, double Sparsity, string Precision, string Kernel, string Reason,
    long Bytes, IReadOnlyList<ArtifactCandidate> Candidates)
{
    /// <summary>Relative output error on the calibration data, when measured.</summary>
    public double? RelativeError { get; init; }
}

/// <summary>A kernel that was considered for a layer.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="Precision">For example <c>float32</c> or <c>int8</c>.</param>
/// <param name="PredictedMicroseconds">Predicted time on the device.</param>
/// <param name="Bytes">Stored bytes of the weights.</param>
/// <param name="Refused">Why it was refused, or null.</param>
public sealed record ArtifactCandidate(string Kernel, string Precision, double PredictedMicroseconds, long Bytes, string? Refused = null);

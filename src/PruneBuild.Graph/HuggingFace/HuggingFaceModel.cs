using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// A language model in Hugging Face layout: a folder with <c>config.json</c>, safetensors and a tokenizer. Opening it checks what it
/// says of itself; importing it streams the weights into an ONNX model.
/// </summary>
public sealed class HuggingFaceModel : IDisposable
{
    private const string ConfigFile = "config.json";
    private const string GenerationFile = "generation_config.json";
    private const string ModelFile = ImportedFiles.ModelFile;

    private static readonly string[] TokenizerFiles =
        ["added_tokens.json", "chat_template.jinja", "chat_template.json", "merges.txt", "special_tokens_map.json", "vocab.json", "vocab.txt"];

    private readonly IDecoderFamily family;
    private readonly DecoderParts parts;
    private readonly Checkpoint checkpoint;
    private readonly FolderJson config;
    private readonly string folder;

    private HuggingFaceModel(string folder, FolderJson config, Checkpoint checkpoint)
    {
        (this.folder, this.config, this.checkpoint) = (folder, config, checkpoint);
        family = DecoderFamilies.Of(config);
        if (config.Has("quantization_config"))
            throw config.Unsupported("quantization_config", "the recipe quantizes, from F32, F16 or BF16 weights");
        Architecture = family.Describe(config);
        parts = family.Parts(Architecture, checkpoint.Has);
        Check();
    }

    /// <summary>What the config says.</summary>
    public DecoderArchitecture Architecture { get; }

    /// <summary>The files that an import depends on: the config first, then the weights with their index, the tokenizer and what is known about generation.</summary>
    /// <param name="folder">Absolute.</param>
    /// <exception cref="PruneBuildException">PB2020: the folder has no config or no weights. PB1010 to PB1013, PB2022, PB2023: its index cannot be used.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        var config = Path.Combine(folder, ConfigFile);
        if (!File.Exists(config))
            throw new PruneBuildException("PB2020", folder, $"it has no {ConfigFile}").At(folder);
        var generation = Path.Combine(folder, GenerationFile);
        return [config, .. Checkpoint.FilesOf(folder), .. TokenizerFilesOf(folder), .. File.Exists(generation) ? [generation] : Array.Empty<string>()];
    }

    /// <summary>Opens a folder and compares config and weights.</summary>
    /// <param name="folder">Absolute.</param>
    /// <exception cref="PruneBuildException">
    /// PB2020: no config or no weights. PB2013, PB2021 to PB2023: a weights file is unreadable, damaged, missing or outside the folder.
    /// PB2024, PB2025, PB2028: the family or a setting is not supported. PB2026, PB2027, PB2029, PB2030: the weights are not those of the
    /// config. PB1010 to PB1013: a JSON file cannot be used.
    /// </exception>
    public static HuggingFaceModel Open(string folder)
    {
        var files = FilesOf(folder);
        var config = FolderJson.Load(files[0]);
        var checkpoint = Checkpoint.Open(folder);
        try
        {
            return new HuggingFaceModel(folder, config, checkpoint);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes <c>model.onnx</c> with its weights as float beside it, <c>genai_config.json</c> for onnxruntime-genai, and copies of the
    /// tokenizer's files. Memory holds one weight at a time.
    /// </summary>
    /// <param name="destination">An empty folder.</param>
    /// <exception cref="PruneBuildException">PB2010: a weight is NaN or infinite. PB2021: a file was cut short meanwhile. PB6002: the folder cannot be written.</exception>
    public void Import(string destination)
    {
        var (proto, weights) = DecoderGraph.Build(Architecture, parts, checkpoint);
        OnnxModel.Save(proto, weights, Path.Combine(destination, ModelFile), externalData: true);
        var generation = Path.Combine(folder, GenerationFile);
        var settings = File.Exists(generation) ? FolderJson.Load(generation) : null;
        GenAiConfig.Write(Path.Combine(destination, GenAiConfig.FileName), ModelFile, family.RuntimeType, Architecture, config, settings);
        foreach (var file in TokenizerFilesOf(folder))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)), overwrite: true);
    }

    /// <summary>The graph that an import writes, with the shapes of its weights and not their numbers: reading those is an error.</summary>
    public OnnxModel Outline()
    {
        var (proto, weights) = DecoderGraph.Build(Architecture, parts, checkpoint);
        return OnnxModel.Of(proto, weights);
    }

    /// <inheritdoc/>
    public void Dispose() => checkpoint.Dispose();

    /// <summary>The files of a folder's tokenizer, in the order of their names.</summary>
    internal static IEnumerable<string> TokenizerFilesOf(string folder) =>
        Directory.EnumerateFiles(folder).Where(file => IsOfTokenizer(Path.GetFileName(file))).Order(StringComparer.Ordinal);

    /// <summary>Whether a file of that name belongs to a tokenizer.</summary>
    internal static bool IsOfTokenizer(string name) => TokenizerFiles.Contains(name) || name.StartsWith("tokenizer", StringComparison.Ordinal);

    /// <summary>Every weight of the config is there in the shape that follows from it, and nothing else is.</summary>
    private void Check()
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts.All)
        {
            if (!read.Add(part.Tensor))
                continue;
            if (!checkpoint.Has(part.Tensor))
                throw new PruneBuildException("PB2026", part.Tensor, Architecture.ModelType).At(folder);
            var (file, shape) = (checkpoint.FileOf(part.Tensor), checkpoint.ShapeOf(part.Tensor));
            if (!shape.SequenceEqual(part.Shape))
                throw new PruneBuildException("PB2027", part.Tensor, string.Join(", ", shape), string.Join(", ", part.Shape)).At(file);
            if (!SafetensorsTypes.IsFloat(checkpoint.TypeOf(part.Tensor)))
                throw new PruneBuildException("PB2029", part.Tensor, checkpoint.TypeOf(part.Tensor)).At(file);
        }
        // A bias that nobody adds would change what the model computes.
        if (checkpoint.Names.Where(name => !read.Contains(name) && !family.IsUnused(name)).Min(StringComparer.Ordinal) is { } stranger)
            throw new PruneBuildException("PB2030", stranger, Architecture.ModelType).At(checkpoint.FileOf(stranger));
    }
}

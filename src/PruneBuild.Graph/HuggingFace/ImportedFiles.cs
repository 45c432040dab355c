using System.Text.Json;
using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>The files that an import puts beside its model: <c>genai_config.json</c> and the tokenizer's.</summary>
public static class ImportedFiles
{
    /// <summary>Name of the ONNX file of an import.</summary>
    public const string ModelFile = "model.onnx";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Copies them to a compressed model, and gives <c>genai_config.json</c> the sizes that this has now.</summary>
    /// <param name="imported">The folder of the import.</param>
    /// <param name="model">What became of its model.</param>
    /// <param name="destination">The folder of that.</param>
    /// <returns>Why there is no <c>genai_config.json</c>, or null.</returns>
    public static string? Copy(string imported, OnnxModel model, string destination)
    {
        foreach (var file in Directory.EnumerateFiles(imported).Order(StringComparer.Ordinal))
            if (Path.GetFileName(file) is var name && name != GenAiConfig.FileName && !name.StartsWith(ModelFile, StringComparison.Ordinal))
                File.Copy(file, Path.Combine(destination, name), overwrite: true);
        var attention = model.Graph.Node.Where(node => node.OpType == "GroupQueryAttention")
            .Select(node => (Heads: node.GetInt("num_heads", 1), Groups: node.GetInt("kv_num_heads", 1))).Distinct().ToList();
        if (attention is not [var sizes])
            return $"{GenAiConfig.FileName} cannot say that layers have {attention.Count} numbers of heads, so there is none";
        if (!File.Exists(Path.Combine(imported, GenAiConfig.FileName)))
            return $"the exported model came without {GenAiConfig.FileName}";
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(imported, GenAiConfig.FileName)))!;
        var decoder = config["model"]!["decoder"]!;
        decoder["num_attention_heads"] = sizes.Heads;
        decoder["num_key_value_heads"] = sizes.Groups;
        decoder["num_hidden_layers"] = KeyValueCache.Of(model).Past.Count / 2;
        // The first norm is that of the residual stream; the embedding may be of few bits, whose shape says less.
        var norm = model.Graph.Node.First(node => node.OpType is "SimplifiedLayerNormalization" or "LayerNormalization");
        decoder["hidden_size"] = model.Weights[norm.Input[1]].Elements;
        AtomicFile.WriteText(Path.Combine(destination, GenAiConfig.FileName), config.ToJsonString(Json));
        return null;
    }
}

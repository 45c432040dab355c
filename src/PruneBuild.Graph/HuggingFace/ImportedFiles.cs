using System.Text.Json;
using System.Text.Json.Nodes;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>The files that an import puts beside its model: <c>genai_config.json</c> and the tokenizer's.</summary>
public static class ImportedFiles
{
    internal const string ModelFile = "model.onnx";

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
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(imported, GenAiConfig.FileName)))!;
        var decoder = config["model"]!["decoder"]!;
        decoder["num_attention_heads"] = sizes.Heads;
        decoder["num_key_value_heads"] = sizes.Groups;
        decoder["num_hidden_layers"] = KeyValueCache.Of(model).Past.Count / 2;
        decoder["hidden_size"] = HiddenSize(model);
        AtomicFile.WriteText(Path.Combine(destination, GenAiConfig.FileName), config.ToJsonString(Json));
        return null;
    }

    /// <summary>Numbers of a row of the embedding: of a float one, of one that is cast back from halves, or of one in groups of 4 or 8 bits.</summary>
    private static long HiddenSize(OnnxModel model)
    {
        var lookup = model.Graph.Node.First(node => node.OpType is "Gather" or "GatherBlockQuantized" && node.Input[1] == "input_ids");
        var table = lookup.Input[0];
        if (!model.Weights.ContainsKey(table))
            table = model.Graph.Node.First(node => node.OpType == "Cast" && node.Output[0] == table).Input[0];
        var width = model.Weights[table].Shape[1];
        return lookup.OpType == "Gather" ? width : width * 8 / lookup.GetInt("bits", 4);
    }
}

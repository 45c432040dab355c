namespace PruneBuild.Graph.HuggingFace;

/// <summary>Phi-3 and Phi-4 mini (Abdin et al. 2024): Llama whose projections to queries, keys and values are one matrix, and gate and up another.</summary>
internal sealed class Phi3 : IDecoderFamily
{
    public string ModelType => "phi3";

    public DecoderArchitecture Describe(FolderJson config)
    {
        var read = ConfigReader.Llama(config);
        return read with { Windows = ConfigReader.Windows(config, read.Layers, _ => true) };
    }

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has)
    {
        var (queries, keys, neurons) = (architecture.Heads * architecture.HeadSize, architecture.KeyValueHeads * architecture.HeadSize, architecture.FeedForwardSize);
        return LlamaLayout.Parts(architecture, layer =>
        {
            var heads = new TensorPart($"{layer.Name}.self_attn.qkv_proj.weight", [queries + (2 * keys), architecture.HiddenSize]);
            var gates = new TensorPart($"{layer.Name}.mlp.gate_up_proj.weight", [2 * neurons, architecture.HiddenSize]);
            return layer with
            {
                Query = layer.Query with { Weight = heads with { Outputs = [(0, queries)] } },
                Key = layer.Key with { Weight = heads with { Outputs = [(queries, keys)] } },
                Value = layer.Value with { Weight = heads with { Outputs = [(queries + keys, keys)] } },
                Gate = layer.Gate! with { Weight = gates with { Outputs = [(0, neurons)] } },
                Up = layer.Up with { Weight = gates with { Outputs = [(neurons, neurons)] } },
            };
        });
    }

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);
}

namespace PruneBuild.Graph.HuggingFace;

/// <summary>Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases of queries, keys and values, and optionally windows in its last layers.</summary>
internal sealed class Qwen2 : IDecoderFamily
{
    public string ModelType => "qwen2";

    public DecoderArchitecture Describe(FolderJson config) => WithWindows(config, ConfigReader.Llama(config) with { QueryKeyValueBias = true });

    public DecoderParts Parts(DecoderArchitecture architecture, Func<string, bool> has) => LlamaLayout.Parts(architecture);

    public bool IsUnused(string tensor) => LlamaLayout.IsUnused(tensor);

    /// <summary>Layers from <c>max_window_layers</c> on have windows, where <c>use_sliding_window</c> says so.</summary>
    public static DecoderArchitecture WithWindows(FolderJson config, DecoderArchitecture read)
    {
        if (!config.Flag("use_sliding_window", false))
            return read;
        // 0 is no count and means that every layer has one.
        var first = config.Value("max_window_layers") is { ValueKind: System.Text.Json.JsonValueKind.Number } value && value.TryGetInt32(out var number) && number == 0
            ? 0 : config.Count("max_window_layers", int.MaxValue);
        return read with { Windows = ConfigReader.Windows(config, read.Layers, layer => layer >= first) };
    }
}

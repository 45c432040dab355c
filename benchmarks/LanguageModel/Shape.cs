namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>The sizes of a Llama.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Inner">Neurons of a feed-forward layer.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Groups">Key and value heads.</param>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="IsTied">Whether the output projection is the embedding.</param>
internal sealed record Shape(string Name, int Layers, int Hidden, int Inner, int Heads, int Groups, int Vocabulary, bool IsTied)
{
    public static IReadOnlyList<Shape> Known { get; } =
    [
        new("tiny", 2, 128, 384, 4, 2, 512, IsTied: true),
        new("135m", 30, 576, 1536, 9, 3, 49_152, IsTied: true),
        new("1.1b", 22, 2048, 5632, 32, 4, 32_000, IsTied: false),
        new("7b", 32, 4096, 11_008, 32, 32, 32_000, IsTied: false),
    ];

    /// <summary>Names and shapes of the tensors of a checkpoint, in the order of their use.</summary>
    public IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        var values = Hidden / Heads * Groups;
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            yield return (prefix + "input_layernorm.weight", [Hidden]);
            yield return (prefix + "self_attn.q_proj.weight", [Hidden, Hidden]);
            yield return (prefix + "self_attn.k_proj.weight", [values, Hidden]);
            yield return (prefix + "self_attn.v_proj.weight", [values, Hidden]);
            yield return (prefix + "self_attn.o_proj.weight", [Hidden, Hidden]);
            yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
            yield return (prefix + "mlp.gate_proj.weight", [Inner, Hidden]);
            yield return (prefix + "mlp.up_proj.weight", [Inner, Hidden]);
            yield return (prefix + "mlp.down_proj.weight", [Hidden, Inner]);
        }
        yield return ("model.norm.weight", [Hidden]);
        if (!IsTied)
            yield return ("lm_head.weight", [Vocabulary, Hidden]);
    }

    public long Parameters => Tensors().Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));
}

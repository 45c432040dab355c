using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace PruneBuild.Tests;

/// <summary>A language model of a few thousand random weights in Hugging Face layout: a config and its tensors.</summary>
internal sealed record TinyCheckpoint(JsonObject Config, OrderedDictionary<string, (int[] Shape, float[] Values)> Tensors)
{
    public const int Vocabulary = 40;
    public const int Positions = 24;

    private const int Hidden = 32;
    private const int Neurons = 48;
    private const int Layers = 2;

    /// <summary>Names of the variants that can be made.</summary>
    public static IReadOnlyList<string> Variants { get; } =
    [
        "llama", "llama-tied-biases", "llama-linear", "llama-llama3", "llama-small-heads", "mistral", "qwen2", "qwen2-window", "qwen3", "gemma", "gemma2",
        "phi3", "phi3-partial", "phi3-longrope", "llama-longrope-mscale", "llama-longrope-short", "llama-yarn", "qwen3-yarn", "llama-dynamic",
        "gpt2", "gpt2-prefix", "gpt_neox", "gpt_neox-sequential", "gpt_neox-yarn",
    ];

    /// <summary>A variant; the same weights every time.</summary>
    public static TinyCheckpoint Of(string variant) => variant switch
    {
        "llama" => Llama("llama"),
        "llama-tied-biases" => Llama("llama", """{ "tie_word_embeddings": true, "attention_bias": true, "mlp_bias": true }""", qkvBias: true, outputBias: true, mlpBias: true, tied: true),
        "llama-linear" => Llama("llama", """{ "rope_scaling": { "type": "linear", "factor": 4.0 } }"""),
        "llama-llama3" => Llama("llama", """
            { "rope_theta": 500.0, "rope_scaling": { "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32 } }
            """),
        "llama-small-heads" => Llama("llama", heads: 4, groups: 2, headSize: 8),
        "mistral" => Llama("mistral", """{ "sliding_window": 4, "head_dim": 16 }"""),
        "qwen2" => Llama("qwen2", """{ "use_sliding_window": false, "sliding_window": 4, "max_window_layers": 1 }""", qkvBias: true),
        "qwen2-window" => Llama("qwen2", """{ "use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1 }""", qkvBias: true),
        "qwen3" => Llama("qwen3", """{ "head_dim": 16, "tie_word_embeddings": true }""", heads: 4, groups: 2, headNorms: true, tied: true),
        "gemma" => Llama("gemma", """{ "head_dim": 16, "hidden_act": "gelu" }""", tied: true),
        "gemma2" => Llama("gemma2", """
            { "head_dim": 16, "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 4, "query_pre_attn_scalar": 24, "attn_logit_softcapping": 3.0, "final_logit_softcapping": 2.0 }
            """, tied: true, outputNorms: true),
        "phi3" => Fused(Llama("phi3", """{ "sliding_window": 4 }""")),
        "phi3-partial" => Fused(Llama("phi3", """{ "partial_rotary_factor": 0.5, "sliding_window": null }""", heads: 4, groups: 2, headSize: 8)),
        "phi3-longrope" => LongRope(2),
        "llama-longrope-mscale" => Llama("llama", $$"""
            { "rope_parameters": { "rope_type": "longrope", "rope_theta": 100.0, "short_factor": {{Factors(1.1)}}, "long_factor": {{Factors(2.5)}}, "short_mscale": 1.1,
              "long_mscale": 1.3, "original_max_position_embeddings": 2 } }
            """),
        "llama-longrope-short" => Llama("llama", $$"""
            { "rope_scaling": { "rope_type": "longrope", "short_factor": {{Factors(1.1)}}, "long_factor": {{Factors(2.5)}}, "factor": 3.0, "original_max_position_embeddings": 16 } }
            """),
        "llama-yarn" => Llama("llama", """{ "rope_scaling": { "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 2048 } }"""),
        "qwen3-yarn" => Llama("qwen3", """
            { "head_dim": 16, "tie_word_embeddings": true, "original_max_position_embeddings": 8,
              "rope_parameters": { "rope_type": "yarn", "rope_theta": 100.0, "factor": null, "beta_fast": 0.5, "beta_slow": 0.05, "truncate": false,
                "mscale": 1.4, "mscale_all_dim": 0.6, "original_max_position_embeddings": 24 } }
            """, heads: 4, groups: 2, headNorms: true, tied: true),
        "llama-dynamic" => Llama("llama", """{ "rope_scaling": { "type": "dynamic", "factor": 4.0 } }"""),
        "gpt2" => Gpt2(""),
        "gpt2-prefix" => Gpt2("transformer."),
        "gpt_neox" => NeoX("""{ "rotary_pct": 0.25 }"""),
        "gpt_neox-sequential" => NeoX("""{ "rotary_pct": 0.5, "num_attention_heads": 1, "use_parallel_residual": false, "attention_bias": false, "hidden_act": "gelu_new" }""", bias: false),
        "gpt_neox-yarn" => NeoX("""{ "rotary_pct": 0.5, "rope_scaling": { "rope_type": "yarn", "factor": 3.0, "beta_fast": 2, "beta_slow": 0.1, "attention_factor": 1.3 } }"""),
        _ => throw new ArgumentException($"'{variant}' is no variant.", nameof(variant)),
    };

    /// <summary>A model like Phi-3's of long contexts.</summary>
    /// <param name="original">Tokens of the longest text that is read with the short factors.</param>
    /// <param name="positions">Most tokens of a text.</param>
    public static TinyCheckpoint LongRope(int original, int positions = Positions) => Fused(Llama("phi3", $$"""
        { "max_position_embeddings": {{positions}}, "original_max_position_embeddings": {{original}}, "sliding_window": null,
          "rope_scaling": { "type": "su", "short_factor": {{Factors(1.1)}}, "long_factor": {{Factors(2.5)}} } }
        """));

    /// <summary>Writes the folder.</summary>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="type">How the weights are stored: F32, F16 or BF16.</param>
    /// <param name="shards">Weights files.</param>
    public void Write(string folder, string type = "F32", int shards = 1)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), Config.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }));
        if (shards == 1)
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), Safetensors(Tensors, type));
            return;
        }
        var map = new JsonObject();
        foreach (var (number, part) in Tensors.Select((tensor, index) => (tensor, Shard: index % shards)).GroupBy(pair => pair.Shard).Select(group => (group.Key, group.Select(pair => pair.tensor).ToList())))
        {
            var name = $"model-{number + 1:D5}-of-{shards:D5}.safetensors";
            File.WriteAllBytes(Path.Combine(folder, name), Safetensors(part, type));
            foreach (var (tensor, _) in part)
                map[tensor] = name;
        }
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
    }

    /// <summary>The bytes of a weights file.</summary>
    public static byte[] Safetensors(IEnumerable<KeyValuePair<string, (int[] Shape, float[] Values)>> tensors, string type = "F32")
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        using var data = new MemoryStream();
        foreach (var (name, (shape, values)) in tensors)
        {
            var start = data.Length;
            data.Write(Bytes(values, type));
            header[name] = new JsonObject
            {
                ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)size)]), ["data_offsets"] = new JsonArray(start, data.Length),
            };
        }
        return FileOf(header.ToJsonString(), data.ToArray());
    }

    /// <summary>A weights file of a header and the data behind it.</summary>
    public static byte[] FileOf(string header, byte[] data, ulong? headerBytes = null)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var file = new byte[sizeof(ulong) + text.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, headerBytes ?? (ulong)text.Length);
        text.CopyTo(file, sizeof(ulong));
        data.CopyTo(file, sizeof(ulong) + text.Length);
        return file;
    }

    /// <summary>What a type can hold of some values.</summary>
    public static float[] Rounded(float[] values, string type) => type switch
    {
        "F16" => Array.ConvertAll(values, value => (float)(Half)value),
        "BF16" => Array.ConvertAll(values, value => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000)),
        _ => values,
    };

    private static byte[] Bytes(float[] values, string type) => type switch
    {
        "F16" => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (Half)value).AsSpan()).ToArray(),
        "BF16" => MemoryMarshal.AsBytes(Array.ConvertAll(values, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).AsSpan()).ToArray(),
        _ => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
    };

    /// <summary>A model with the layout of Llama; what the config says more goes before what it says of itself.</summary>
    public static TinyCheckpoint Llama(
        string type, string more = "{}", int heads = 2, int groups = 1, int headSize = 16, bool qkvBias = false, bool outputBias = false, bool mlpBias = false,
        bool headNorms = false, bool outputNorms = false, bool tied = false)
    {
        var made = new TinyCheckpoint(Merged($$"""
            { "model_type": "{{type}}", "hidden_size": {{Hidden}}, "intermediate_size": {{Neurons}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": {{heads}},
              "num_key_value_heads": {{groups}}, "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{Positions}}, "rms_norm_eps": 1e-05, "rope_theta": 100.0,
              "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2 }
            """, more), []);
        made.Add("model.embed_tokens", false, Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            made.Add($"{name}self_attn.q_proj", qkvBias, heads * headSize, Hidden);
            made.Add($"{name}self_attn.k_proj", qkvBias, groups * headSize, Hidden);
            made.Add($"{name}self_attn.v_proj", qkvBias, groups * headSize, Hidden);
            made.Add($"{name}self_attn.o_proj", outputBias, Hidden, heads * headSize);
            made.Add($"{name}mlp.gate_proj", mlpBias, Neurons, Hidden);
            made.Add($"{name}mlp.up_proj", mlpBias, Neurons, Hidden);
            made.Add($"{name}mlp.down_proj", mlpBias, Hidden, Neurons);
            foreach (var norm in outputNorms
                ? new[] { "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm" } : ["input_layernorm", "post_attention_layernorm"])
                made.Add($"{name}{norm}", false, Hidden);
            foreach (var norm in headNorms ? new[] { "self_attn.q_norm", "self_attn.k_norm" } : [])
                made.Add($"{name}{norm}", false, headSize);
        }
        made.Add("model.norm", false, Hidden);
        if (!tied)
            made.Add("lm_head", false, Vocabulary, Hidden);
        return made;
    }

    /// <summary>A factor for each of eight frequencies, growing.</summary>
    private static string Factors(double last) => new JsonArray([.. Enumerable.Range(0, 8).Select(index => (JsonNode)(1 + ((last - 1) * index / 7)))]).ToJsonString();

    /// <summary>The projections put together as Phi-3 stores them.</summary>
    private static TinyCheckpoint Fused(TinyCheckpoint split)
    {
        var tensors = new OrderedDictionary<string, (int[] Shape, float[] Values)>();
        foreach (var (name, tensor) in split.Tensors)
        {
            var target = System.Text.RegularExpressions.Regex.Replace(name, @"\.[qkv]_proj", ".qkv_proj");
            target = System.Text.RegularExpressions.Regex.Replace(target, @"\.(gate|up)_proj", ".gate_up_proj");
            tensors[target] = tensors.TryGetValue(target, out var before)
                ? ([before.Shape[0] + tensor.Shape[0], before.Shape[1]], [.. before.Values, .. tensor.Values]) : tensor;
        }
        return new TinyCheckpoint(split.Config, tensors);
    }

    private static TinyCheckpoint Gpt2(string prefix)
    {
        var made = new TinyCheckpoint(Merged($$"""
            { "model_type": "gpt2", "n_embd": {{Hidden}}, "n_layer": {{Layers}}, "n_head": 2, "n_inner": null, "n_positions": {{Positions}}, "vocab_size": {{Vocabulary}},
              "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new", "eos_token_id": 2 }
            """, "{}"), []);
        made.Add($"{prefix}wte", false, Vocabulary, Hidden);
        made.Add($"{prefix}wpe", false, Positions, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"{prefix}h.{layer}.";
            foreach (var norm in new[] { "ln_1", "ln_2" })
                made.Add(name + norm, true, Hidden);
            foreach (var (part, inputs, outputs) in new[] { ("attn.c_attn", Hidden, 3 * Hidden), ("attn.c_proj", Hidden, Hidden), ("mlp.c_fc", Hidden, 4 * Hidden), ("mlp.c_proj", 4 * Hidden, Hidden) })
            {
                made.Add(name + part, false, inputs, outputs);
                made.Tensors[$"{name}{part}.bias"] = ([outputs], made.Draw(outputs, 0.1));
            }
            // A causal mask that old checkpoints hold.
            made.Tensors[$"{name}attn.bias"] = ([1, 1, 2, 2], [1, 0, 1, 1]);
        }
        made.Add($"{prefix}ln_f", true, Hidden);
        return made;
    }

    private static TinyCheckpoint NeoX(string more, bool bias = true)
    {
        var made = new TinyCheckpoint(Merged($$"""
            { "model_type": "gpt_neox", "hidden_size": {{Hidden}}, "intermediate_size": {{Neurons}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": 2,
              "vocab_size": {{Vocabulary}}, "max_position_embeddings": {{Positions}}, "layer_norm_eps": 1e-05, "rotary_emb_base": 100, "hidden_act": "gelu", "eos_token_id": 2 }
            """, more), []);
        made.Add("gpt_neox.embed_in", false, Vocabulary, Hidden);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"gpt_neox.layers.{layer}.";
            made.Add($"{name}input_layernorm", true, Hidden);
            made.Add($"{name}post_attention_layernorm", true, Hidden);
            made.Add($"{name}attention.query_key_value", bias, 3 * Hidden, Hidden);
            made.Add($"{name}attention.dense", bias, Hidden, Hidden);
            made.Add($"{name}mlp.dense_h_to_4h", true, Neurons, Hidden);
            made.Add($"{name}mlp.dense_4h_to_h", true, Hidden, Neurons);
        }
        made.Add("gpt_neox.final_layer_norm", true, Hidden);
        made.Add("embed_out", false, Vocabulary, Hidden);
        return made;
    }

    private static JsonObject Merged(string common, string more)
    {
        var config = JsonNode.Parse(common)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(more)!.AsObject())
            config[key] = value?.DeepClone();
        return config;
    }

    private void Add(string name, bool bias, params int[] shape)
    {
        var (count, inputs) = (shape.Aggregate(1, (product, size) => product * size), shape[^1]);
        Tensors[$"{name}.weight"] = (shape, Draw(count, shape.Length == 1 ? 0.5 : 2 / Math.Sqrt(inputs)));
        if (bias)
            Tensors[$"{name}.bias"] = ([shape[0]], Draw(shape[0], 0.3));
    }

    private float[] Draw(int count, double scale)
    {
        var random = new Random(Tensors.Count + 1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(((random.NextDouble() * 2) - 1) * scale))];
    }
}

using System.Text.Json.Nodes;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests.HuggingFace;

/// <summary>
/// What the published model definitions compute, in double precision, straight from a config and its tensors and without a cache: the
/// oracle of imported models.
/// </summary>
internal sealed class ReferenceDecoder(TinyCheckpoint checkpoint)
{
    private readonly string type = (string)checkpoint.Config["model_type"]!;

    private bool IsGpt2 => type == "gpt2";

    private bool IsNeoX => type == "gpt_neox";

    private bool IsGemma => type.StartsWith("gemma", StringComparison.Ordinal);

    private string Root => IsGpt2 ? checkpoint.Tensors.ContainsKey("transformer.wte.weight") ? "transformer." : "" : IsNeoX ? "gpt_neox." : "model.";

    private int Hidden => Int(IsGpt2 ? "n_embd" : "hidden_size");

    private int Heads => Int(IsGpt2 ? "n_head" : "num_attention_heads");

    private int Groups => checkpoint.Config["num_key_value_heads"] is { } groups ? (int)groups : Heads;

    private int HeadSize => checkpoint.Config["head_dim"] is { } size ? (int)size : Hidden / Heads;

    /// <summary>The logits of every position, [tokens][vocabulary].</summary>
    public double[][] Logits(IReadOnlyList<long> tokens)
    {
        var embedding = Root + (IsGpt2 ? "wte" : IsNeoX ? "embed_in" : "embed_tokens") + ".weight";
        var x = tokens.Select(token => Row(embedding, (int)token)).ToArray();
        if (IsGemma)
            x = Map(x, value => value * Math.Sqrt(Hidden));
        if (IsGpt2)
            x = [.. x.Select((row, position) => Sum(row, Row($"{Root}wpe.weight", position)))];
        for (var layer = 0; layer < Int(IsGpt2 ? "n_layer" : "num_hidden_layers"); layer++)
            x = Layer(x, layer);
        x = Norm(x, Root + (IsGpt2 ? "ln_f" : IsNeoX ? "final_layer_norm" : "norm"));
        var head = IsNeoX ? "embed_out.weight" : "lm_head.weight";
        var logits = Linear(x, checkpoint.Tensors.ContainsKey(head) ? head : embedding, null);
        return checkpoint.Config["final_logit_softcapping"] is { } cap ? Map(logits, value => (double)cap * Math.Tanh(value / (double)cap)) : logits;
    }

    private double[][] Layer(double[][] x, int layer)
    {
        var name = Root + (IsGpt2 ? $"h.{layer}." : $"layers.{layer}.");
        if (IsNeoX && (bool?)checkpoint.Config["use_parallel_residual"] != false)
        {
            var (a, m) = (Attention(Norm(x, $"{name}input_layernorm"), name, layer), FeedForward(Norm(x, $"{name}post_attention_layernorm"), name));
            return [.. x.Zip(a, Sum).Zip(m, Sum)];
        }
        var attended = Attention(Norm(x, name + (IsGpt2 ? "ln_1" : "input_layernorm")), name, layer);
        var isGemma2 = type == "gemma2";
        if (isGemma2)
            attended = Norm(attended, $"{name}post_attention_layernorm");
        x = [.. x.Zip(attended, Sum)];
        var fed = FeedForward(Norm(x, name + (IsGpt2 ? "ln_2" : isGemma2 ? "pre_feedforward_layernorm" : "post_attention_layernorm")), name);
        return [.. x.Zip(isGemma2 ? Norm(fed, $"{name}post_feedforward_layernorm") : fed, Sum)];
    }

    private double[][] FeedForward(double[][] x, string name)
    {
        if (IsGpt2)
            return Linear(Map(Linear(x, $"{name}mlp.c_fc.weight", $"{name}mlp.c_fc.bias"), Activation), $"{name}mlp.c_proj.weight", $"{name}mlp.c_proj.bias");
        if (IsNeoX)
            return Linear(Map(Linear(x, $"{name}mlp.dense_h_to_4h.weight", $"{name}mlp.dense_h_to_4h.bias"), Activation), $"{name}mlp.dense_4h_to_h.weight", $"{name}mlp.dense_4h_to_h.bias");
        double[][] gate, up;
        if (type == "phi3")
        {
            var both = Linear(x, $"{name}mlp.gate_up_proj.weight", null);
            (gate, up) = (Columns(both, 0, both[0].Length / 2), Columns(both, both[0].Length / 2, both[0].Length / 2));
        }
        else
        {
            (gate, up) = (Linear(x, $"{name}mlp.gate_proj.weight", $"{name}mlp.gate_proj.bias"), Linear(x, $"{name}mlp.up_proj.weight", $"{name}mlp.up_proj.bias"));
        }
        double[][] inner = [.. Map(gate, Activation).Zip(up, (left, right) => left.Zip(right, (a, b) => a * b).ToArray())];
        return Linear(inner, $"{name}mlp.down_proj.weight", $"{name}mlp.down_proj.bias");
    }

    private double[][] Attention(double[][] x, string name, int layer)
    {
        var (query, key, value) = Projections(x, name);
        if (type == "qwen3")
        {
            query = PerHead(query, rows => Norm(rows, $"{name}self_attn.q_norm"));
            key = PerHead(key, rows => Norm(rows, $"{name}self_attn.k_norm"));
        }
        if (!IsGpt2)
        {
            query = PerHead(query, Rotated);
            key = PerHead(key, Rotated);
        }
        var scale = checkpoint.Config["query_pre_attn_scalar"] is { } scalar ? 1 / Math.Sqrt((double)scalar) : 1 / Math.Sqrt(HeadSize);
        var window = Window(layer);
        var mixed = x.Select(_ => new double[Heads * HeadSize]).ToArray();
        for (var head = 0; head < Heads; head++)
        {
            var (q, k) = (head * HeadSize, head / (Heads / Groups) * HeadSize);
            for (var at = 0; at < x.Length; at++)
            {
                var scores = new double[at + 1];
                for (var other = 0; other <= at; other++)
                {
                    var score = scale * Enumerable.Range(0, HeadSize).Sum(feature => query[at][q + feature] * key[other][k + feature]);
                    if (checkpoint.Config["attn_logit_softcapping"] is { } cap)
                        score = (double)cap * Math.Tanh(score / (double)cap);
                    scores[other] = at - other < window ? Math.Exp(score) : 0;
                }
                for (var other = 0; other <= at; other++)
                    for (var feature = 0; feature < HeadSize; feature++)
                        mixed[at][q + feature] += scores[other] / scores.Sum() * value[other][k + feature];
            }
        }
        var output = name + (IsGpt2 ? "attn.c_proj" : IsNeoX ? "attention.dense" : "self_attn.o_proj");
        return Linear(mixed, $"{output}.weight", $"{output}.bias");
    }

    private (double[][] Query, double[][] Key, double[][] Value) Projections(double[][] x, string name)
    {
        var (queries, keys) = (Heads * HeadSize, Groups * HeadSize);
        if (IsGpt2 || type == "phi3")
        {
            var fused = name + (IsGpt2 ? "attn.c_attn" : "self_attn.qkv_proj");
            var all = Linear(x, $"{fused}.weight", $"{fused}.bias");
            return (Columns(all, 0, queries), Columns(all, queries, keys), Columns(all, queries + keys, keys));
        }
        if (IsNeoX)
        {
            var all = Linear(x, $"{name}attention.query_key_value.weight", $"{name}attention.query_key_value.bias");
            double[][] Part(int part) => [.. all.Select(row => Enumerable.Range(0, queries).Select(index => row[(((index / HeadSize * 3) + part) * HeadSize) + (index % HeadSize)]).ToArray())];
            return (Part(0), Part(1), Part(2));
        }
        double[][] Of(string part) => Linear(x, $"{name}self_attn.{part}.weight", $"{name}self_attn.{part}.bias");
        return (Of("q_proj"), Of("k_proj"), Of("v_proj"));
    }

    /// <summary>Tokens that a token sees, itself included.</summary>
    private int Window(int layer) => type switch
    {
        "mistral" or "phi3" when checkpoint.Config["sliding_window"] is { } size => (int)size,
        "qwen2" when (bool)checkpoint.Config["use_sliding_window"]! && layer >= Int("max_window_layers") => Int("sliding_window"),
        "gemma2" when layer % 2 == 0 => Int("sliding_window"),
        _ => int.MaxValue,
    };

    /// <summary>The rows of a head, one a position, turned.</summary>
    private double[][] Rotated(double[][] rows)
    {
        var fraction = (double?)(checkpoint.Config["rotary_pct"] ?? checkpoint.Config["partial_rotary_factor"]) ?? 1;
        var half = (int)(HeadSize * fraction) / 2;
        var root = (double?)(checkpoint.Config["rotary_emb_base"] ?? checkpoint.Config["rope_theta"]) ?? 10000;
        return [.. rows.Select((row, position) =>
        {
            var turned = (double[])row.Clone();
            for (var index = 0; index < half; index++)
            {
                var (frequency, magnitude) = Scaled(1 / Math.Pow(root, index / (double)half), index, rows.Length, half, root);
                var (cos, sin) = (Math.Cos(position * frequency) * magnitude, Math.Sin(position * frequency) * magnitude);
                turned[index] = (row[index] * cos) - (row[index + half] * sin);
                turned[index + half] = (row[index + half] * cos) + (row[index] * sin);
            }
            return turned;
        })];
    }

    /// <summary>A frequency as scaled for a text of a length, and what cosine and sine are multiplied by.</summary>
    private (double Frequency, double Magnitude) Scaled(double frequency, int index, int length, int half, double root)
    {
        if ((checkpoint.Config["rope_scaling"] ?? checkpoint.Config["rope_parameters"]) is not JsonObject scaling)
            return (frequency, 1);
        if (scaling["long_factor"] is JsonArray longFactors)
            return LongRope(scaling, longFactors, frequency, index, length);
        switch ((string?)(scaling["rope_type"] ?? scaling["type"]))
        {
            case "yarn":
                return Yarn(scaling, frequency, index, half, root);
            case "dynamic":
                var (stretch, context) = ((double)scaling["factor"]!, (double)Int("max_position_embeddings"));
                var grown = root * Math.Pow((stretch * Math.Max(length, context) / context) - (stretch - 1), half / (half - 1.0));
                return (Math.Pow(grown, -index / (double)half), 1);
        }
        var factor = (double)scaling["factor"]!;
        if ((string?)scaling["type"] == "linear")
            return (frequency / factor, 1);
        var (low, high, old) = ((double)scaling["low_freq_factor"]!, (double)scaling["high_freq_factor"]!, (double)scaling["original_max_position_embeddings"]!);
        var wave = 2 * Math.PI / frequency;
        if (wave < old / high)
            return (frequency, 1);
        if (wave > old / low)
            return (frequency / factor, 1);
        var smooth = ((old / wave) - low) / (high - low);
        return (((1 - smooth) * frequency / factor) + (smooth * frequency), 1);
    }

    private (double Frequency, double Magnitude) LongRope(JsonObject scaling, JsonArray longFactors, double frequency, int index, int length)
    {
        var original = (double)(checkpoint.Config["original_max_position_embeddings"] ?? scaling["original_max_position_embeddings"])!;
        var isLong = length > original;
        var stretch = (double?)scaling["factor"] ?? Int("max_position_embeddings") / original;
        var magnitude = (double?)scaling[isLong ? "long_mscale" : "short_mscale"] ?? Math.Sqrt(1 + (Math.Log(stretch) / Math.Log(original)));
        return (frequency / (double)(isLong ? longFactors : scaling["short_factor"]!.AsArray())[index]!, magnitude);
    }

    /// <summary>The frequencies whose turns within the original length equal each β bound a ramp; outwards to whole indices if so told.</summary>
    private (double Frequency, double Magnitude) Yarn(JsonObject scaling, double frequency, int index, int half, double root)
    {
        var original = (double)(checkpoint.Config["original_max_position_embeddings"] ?? scaling["original_max_position_embeddings"] ?? checkpoint.Config["max_position_embeddings"])!;
        var factor = (double?)scaling["factor"] ?? Int("max_position_embeddings") / original;
        double[] ends = [.. new[] { (double?)scaling["beta_fast"] ?? 32, (double?)scaling["beta_slow"] ?? 1 }.Select(turns => half * Math.Log(original / (2 * Math.PI * turns), root))];
        if ((bool?)scaling["truncate"] != false)
            ends = [Math.Floor(ends[0]), Math.Ceiling(ends[1])];
        ends[0] = Math.Max(0, ends[0]);
        var interpolated = index <= ends[0] ? 0 : index >= ends[1] ? 1 : (index - ends[0]) / (ends[1] - ends[0]);
        double Scale(string key) => 1 + (0.1 * ((double?)scaling[key] ?? 0) * Math.Log(factor));
        var magnitude = (double?)scaling["attention_factor"] ?? (scaling["mscale"] is null ? 1 + (0.1 * Math.Log(factor)) : Scale("mscale") / Scale("mscale_all_dim"));
        return ((interpolated * frequency / factor) + ((1 - interpolated) * frequency), magnitude);
    }

    private double Activation(double x) => (string?)(checkpoint.Config["hidden_activation"] ?? checkpoint.Config["activation_function"] ?? checkpoint.Config["hidden_act"]) switch
    {
        "silu" => x / (1 + Math.Exp(-x)),
        // Gemma says gelu and means its approximation.
        "gelu" when !IsGemma => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))),
        _ => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
    };

    /// <summary>The Maclaurin series, for the small arguments here.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 5)
            return Math.Sign(x);
        double term = x, sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 && n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private double[][] Norm(double[][] x, string name)
    {
        var epsilon = (double)(checkpoint.Config["rms_norm_eps"] ?? checkpoint.Config["layer_norm_eps"] ?? checkpoint.Config["layer_norm_epsilon"])!;
        var gamma = checkpoint.Tensors[$"{name}.weight"].Values;
        return [.. x.Select(row =>
        {
            var mean = IsGpt2 || IsNeoX ? row.Average() : 0;
            var root = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + epsilon);
            var bias = checkpoint.Tensors.TryGetValue($"{name}.bias", out var found) ? found.Values : null;
            return row.Select((value, index) => ((value - mean) / root * ((IsGemma ? 1.0 : 0) + gamma[index])) + (bias?[index] ?? 0)).ToArray();
        })];
    }

    /// <summary>x times a matrix [outputs, inputs], for GPT-2 [inputs, outputs], plus a bias where there is one.</summary>
    private double[][] Linear(double[][] x, string weight, string? bias)
    {
        var (shape, values) = checkpoint.Tensors[weight];
        var inputsFirst = IsGpt2 && !weight.EndsWith("wte.weight", StringComparison.Ordinal);
        var (outputs, inputs) = inputsFirst ? (shape[1], shape[0]) : (shape[0], shape[1]);
        var added = bias is not null && checkpoint.Tensors.TryGetValue(bias, out var found) ? found.Values : null;
        return [.. x.Select(row => Enumerable.Range(0, outputs).Select(output =>
            Enumerable.Range(0, inputs).Sum(input => row[input] * values[inputsFirst ? (input * outputs) + output : (output * inputs) + input]) + (added?[output] ?? 0)).ToArray())];
    }

    private double[][] PerHead(double[][] x, Func<double[][], double[][]> change)
    {
        var heads = Enumerable.Range(0, x[0].Length / HeadSize).Select(head => change(Columns(x, head * HeadSize, HeadSize))).ToList();
        return [.. x.Select((_, position) => heads.SelectMany(head => head[position]).ToArray())];
    }

    private double[] Row(string table, int row)
    {
        var (shape, values) = checkpoint.Tensors[table];
        return [.. values.AsSpan(row * shape[1], shape[1]).ToArray().Select(value => (double)value)];
    }

    private static double[][] Columns(double[][] x, int first, int count) => [.. x.Select(row => row.AsSpan(first, count).ToArray())];

    private static double[][] Map(double[][] x, Func<double, double> function) => [.. x.Select(row => Array.ConvertAll(row, value => function(value)))];

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];

    private int Int(string key) => (int)checkpoint.Config[key]!;
}

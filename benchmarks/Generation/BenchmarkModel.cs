using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using PruneBuild.Graph.HuggingFace;

namespace PruneBuild.Benchmarks.Generation;

/// <summary>The model of a benchmark in a folder: one that is there, imported if need be, or a Llama of random weights with the vocabulary of a large one.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private const int Vocabulary = 128_256;
    private const int Hidden = 64;
    private const int Neurons = 128;
    private const int Layers = 16;

    private static readonly string[] Controls = ["<unk>", "<s>", "</s>"];

    private readonly bool temporary;

    private BenchmarkModel(string path, bool temporary) => (Path, this.temporary) = (path, temporary);

    public string Path { get; }

    public static BenchmarkModel Make(string source)
    {
        if (source != "random" && !File.Exists(System.IO.Path.Combine(source, "config.json")))
            return new(System.IO.Path.GetFullPath(source), temporary: false);
        var made = new BenchmarkModel(Directory.CreateTempSubdirectory("prunebuild-generation-").FullName, temporary: true);
        if (source == "random")
            WriteRandom(source = Directory.CreateDirectory(System.IO.Path.Combine(made.Path, "source")).FullName);
        using var model = HuggingFaceModel.Open(System.IO.Path.GetFullPath(source));
        model.Import(made.Path);
        return made;
    }

    public void Dispose()
    {
        if (temporary)
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>A byte-level vocabulary of all bytes, words, and words with what JSON puts around them.</summary>
    private static void WriteTokenizer(string folder)
    {
        var (vocabulary, random, next) = (new JsonObject(Controls.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))), new Random(2), 0x100);
        for (var value = 0; value < 256; value++)
            vocabulary[((char)(value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? value : next++)).ToString()] = vocabulary.Count;
        string[] before = ["", "\u0120", "\u0120", "\"", "{\"", ",\""], behind = ["", "", "", "\":", "\",", "\"}"];
        while (vocabulary.Count < Vocabulary)
            vocabulary[$"{before[random.Next(before.Length)]}{string.Concat(Enumerable.Range(0, random.Next(2, 9)).Select(_ => (char)('a' + random.Next(26))))}{behind[random.Next(behind.Length)]}"] ??= vocabulary.Count;
        File.WriteAllText(System.IO.Path.Combine(folder, "tokenizer.json"), new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. Controls.Select((token, id) => (JsonNode)new JsonObject { ["id"] = id, ["content"] = token, ["special"] = true, ["normalized"] = false })]),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = "<unk>", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        }.ToJsonString());
    }

    private static void WriteRandom(string folder)
    {
        File.WriteAllText(System.IO.Path.Combine(folder, "config.json"), new JsonObject
        {
            ["model_type"] = "llama", ["hidden_size"] = Hidden, ["intermediate_size"] = Neurons, ["num_hidden_layers"] = Layers, ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2, ["vocab_size"] = Vocabulary, ["max_position_embeddings"] = 2048, ["rms_norm_eps"] = 1e-5, ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = true, ["bos_token_id"] = 1, ["eos_token_id"] = 2,
        }.ToJsonString());
        WriteTokenizer(folder);
        var tensors = new List<(string Name, int[] Shape)> { ("model.embed_tokens.weight", [Vocabulary, Hidden]), ("model.norm.weight", [Hidden]) };
        for (var layer = 0; layer < Layers; layer++)
            tensors.AddRange(new (string Name, int[] Shape)[]
            {
                ("self_attn.q_proj", [64, Hidden]), ("self_attn.k_proj", [32, Hidden]), ("self_attn.v_proj", [32, Hidden]), ("self_attn.o_proj", [Hidden, 64]),
                ("mlp.gate_proj", [Neurons, Hidden]), ("mlp.up_proj", [Neurons, Hidden]), ("mlp.down_proj", [Hidden, Neurons]),
                ("input_layernorm", [Hidden]), ("post_attention_layernorm", [Hidden]),
            }.Select(part => ($"model.layers.{layer}.{part.Name}.weight", part.Shape)));
        var (header, at) = (new JsonObject(), 0L);
        foreach (var (name, shape) in tensors)
        {
            var bytes = sizeof(float) * shape.Aggregate(1L, (product, size) => product * size);
            header[name] = new JsonObject { ["dtype"] = "F32", ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)size)]), ["data_offsets"] = new JsonArray(at, at += bytes) };
        }
        using var file = File.Create(System.IO.Path.Combine(folder, "model.safetensors"));
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        file.Write(length);
        file.Write(text);
        var random = new Random(1);
        var values = new float[1 << 14];
        for (var left = at / sizeof(float); left > 0; left -= values.Length)
        {
            for (var index = 0; index < values.Length; index++)
                values[index] = (float)((random.NextDouble() - 0.5) / 4);
            file.Write(MemoryMarshal.AsBytes(values.AsSpan(0, (int)Math.Min(left, values.Length))));
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>A Llama in Hugging Face layout with random weights: bf16, in shards.</summary>
internal static class SyntheticCheckpoint
{
    private const long MostBytesOfShard = 1L << 30;
    private const float Scale = 0.02f;

    /// <summary>Writes the folder.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="isEmpty">Whether files have holes where the weights would be: nothing is written, and all weights are zero.</param>
    public static void Write(Shape shape, string folder, bool isEmpty)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonConvert.SerializeObject(new JObject
        {
            ["architectures"] = new JArray("LlamaForCausalLM"),
            ["model_type"] = "llama",
            ["hidden_size"] = shape.Hidden,
            ["intermediate_size"] = shape.Inner,
            ["num_hidden_layers"] = shape.Layers,
            ["num_attention_heads"] = shape.Heads,
            ["num_key_value_heads"] = shape.Groups,
            ["vocab_size"] = shape.Vocabulary,
            ["max_position_embeddings"] = 2048,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0,
            ["hidden_act"] = "silu",
            ["tie_word_embeddings"] = shape.IsTied,
            ["bos_token_id"] = 1,
            ["eos_token_id"] = 2,
        }, Formatting.Indented));
        var shards = Shards(shape);
        var map = new JObject();
        for (var number = 0; number < shards.Count; number++)
        {
            var name = $"model-{number + 1:D5}-of-{shards.Count:D5}.safetensors";
            WriteShard(Path.Combine(folder, name), shards[number], number, isEmpty);
            foreach (var (tensor, _) in shards[number])
                map[tensor] = name;
        }
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), JsonConvert.SerializeObject(new JObject { ["metadata"] = new JObject(), ["weight_map"] = map }));
    }

    private static List<List<(string Name, int[] Shape)>> Shards(Shape shape)
    {
        List<List<(string, int[])>> shards = [[]];
        var bytes = 0L;
        foreach (var tensor in shape.Tensors())
        {
            if (bytes + Bytes(tensor.Shape) > MostBytesOfShard && shards[^1].Count > 0)
            {
                shards.Add([]);
                bytes = 0;
            }
            shards[^1].Add(tensor);
            bytes += Bytes(tensor.Shape);
        }
        return shards;
    }

    private static void WriteShard(string path, List<(string Name, int[] Shape)> tensors, int seed, bool isEmpty)
    {
        var header = new JObject();
        var end = 0L;
        foreach (var (name, shape) in tensors)
            header[name] = new JObject { ["dtype"] = "BF16", ["shape"] = new JArray(shape.Cast<object>().ToArray()), ["data_offsets"] = new JArray(end, end += Bytes(shape)) };
        var text = Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(header));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)text.Length);
        file.Write(length);
        file.Write(text);
        if (isEmpty)
        {
            file.SetLength(length.Length + text.Length + end);
            return;
        }
        var random = new Random(seed);
        foreach (var (_, shape) in tensors)
            WriteValues(file, shape, random);
    }

    private static void WriteValues(FileStream file, int[] shape, Random random)
    {
        // A vector scales a norm.
        var ones = shape.Length == 1;
        var left = Bytes(shape) / sizeof(ushort);
        var slice = new ushort[Math.Min(left, 1 << 20)];
        for (; left > 0; left -= Math.Min(left, slice.Length))
        {
            var part = slice.AsSpan(0, (int)Math.Min(left, slice.Length));
            foreach (ref var value in part)
                value = (ushort)(BitConverter.SingleToUInt32Bits(ones ? 1 : Scale * Bell(random)) >> 16);
            file.Write(MemoryMarshal.AsBytes(part));
        }
    }

    // The sum of four even numbers is close to normal.
    private static float Bell(Random random)
    {
        var bits = random.NextInt64();
        var sum = 0;
        for (var part = 0; part < 4; part++)
            sum += (int)((bits >> (15 * part)) & 0x7fff);
        return ((sum / 32767f) - 2) * 1.7320508f;
    }

    private static long Bytes(int[] shape) => shape.Aggregate((long)sizeof(ushort), (product, size) => product * size);
}

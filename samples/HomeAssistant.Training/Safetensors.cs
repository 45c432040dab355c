using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>The safetensors format: the length of a JSON header, the header, and the values one after the other. Here as float16.</summary>
internal static class Safetensors
{
    private const int Alignment = 8;

    public static void Write(string file, IEnumerable<(NamedTensor Tensor, Tensor Values)> tensors)
    {
        var stored = tensors.Select(tensor => (tensor.Tensor, Bytes: Halves(tensor.Values))).OrderBy(tensor => tensor.Tensor.Name, StringComparer.Ordinal).ToList();
        var header = Header(stored);
        using var stream = File.Create(file);
        stream.Write(BitConverter.GetBytes((long)header.Length));
        stream.Write(header);
        foreach (var (_, bytes) in stored)
            stream.Write(bytes);
    }

    private static byte[] Header(IReadOnlyList<(NamedTensor Tensor, byte[] Bytes)> stored)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            var offset = 0;
            foreach (var (tensor, bytes) in stored)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F16");
                Numbers(json, "shape", tensor.Shape);
                Numbers(json, "data_offsets", offset, offset + bytes.Length);
                json.WriteEndObject();
                offset += bytes.Length;
            }
            json.WriteEndObject();
        }
        while (stream.Length % Alignment != 0)
            stream.WriteByte((byte)' ');
        return stream.ToArray();
    }

    private static void Numbers(Utf8JsonWriter json, string name, params long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static byte[] Halves(Tensor values) =>
        MemoryMarshal.AsBytes(Array.ConvertAll(values.detach().contiguous().data<float>().ToArray(), value => (Half)value).AsSpan()).ToArray();
}

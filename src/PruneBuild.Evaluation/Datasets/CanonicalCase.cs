using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Hashes of JSON that white space and the order of keys do not move (the idea of RFC 8785), and of inputs that also spelling does not move.
/// </summary>
internal static class CanonicalCase
{
    private const char Separator = '\u001f';

    /// <summary>SHA-256 of an object without some of its keys.</summary>
    public static byte[] Hash(JsonElement json, params string[] without)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text)) Write(json, writer, without);
        return SHA256.HashData(text.WrittenSpan);
    }

    /// <summary>SHA-256 of bytes and a name.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> bytes, string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
        hash.AppendData(bytes);
        return hash.GetHashAndReset();
    }

    /// <summary>The canonical text of a value.</summary>
    public static string Text(JsonElement json)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text)) Write(json, writer, []);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>
    /// What an input says: texts in lower case, words only, see <see cref="NormalizedText"/>; lists of nothing but numbers, however they are
    /// nested, as single precision, so that a case in a tensor file equals the same case in a JSONL file.
    /// </summary>
    public static UInt128 Meaning(JsonElement input)
    {
        if (Numbers(input) is { Count: > 0 } numbers) return Meaning(CollectionsMarshal.AsSpan(numbers));
        var text = new StringBuilder();
        Append(input, text);
        return Short(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The same of numbers.</summary>
    public static UInt128 Meaning(ReadOnlySpan<float> numbers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("numbers"u8);
        hash.AppendData(MemoryMarshal.AsBytes(numbers));
        return Short(hash.GetHashAndReset());
    }

    /// <summary>The numbers of a list, in order; null when it holds anything else.</summary>
    public static List<float>? Numbers(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Array) return null;
        var numbers = new List<float>();
        return Collect(input, numbers) ? numbers : null;
    }

    private static bool Collect(JsonElement list, List<float> numbers)
    {
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number) numbers.Add((float)item.GetDouble());
            else if (item.ValueKind != JsonValueKind.Array || !Collect(item, numbers)) return false;
        }
        return true;
    }

    private static void Write(JsonElement json, Utf8JsonWriter writer, string[] without)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in Sorted(json))
                {
                    if (without.Contains(property.Name)) continue;
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer, []);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray()) Write(item, writer, []);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(json));
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    private static void Append(JsonElement json, StringBuilder text)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in Sorted(json))
                {
                    text.Append(property.Name).Append(':');
                    Append(property.Value, text);
                }
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray()) Append(item, text);
                break;
            case JsonValueKind.String:
                text.Append(NormalizedText.Of(json.GetString()!));
                break;
            default:
                text.Append(json.ValueKind == JsonValueKind.Number ? Number(json) : json.GetRawText());
                break;
        }
        text.Append(Separator);
    }

    private static string Number(JsonElement json)
    {
        // A plain whole number is kept digit by digit; anything else is compared as the double it is.
        var raw = json.GetRawText();
        if (raw.All(character => char.IsAsciiDigit(character) || character == '-') && raw != "-0") return raw;
        var value = json.GetDouble();
        return double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : raw;
    }

    private static IEnumerable<JsonProperty> Sorted(JsonElement json) => json.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal);

    private static UInt128 Short(byte[] hash) => new(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, sizeof(ulong)));
}

using System.Text.Json;

namespace PruneBuild.Graph.HuggingFace;

/// <summary>
/// The header of a safetensors file: a JSON object with, for each tensor, <c>dtype</c>, <c>shape</c> and <c>data_offsets</c>
/// (safetensors format, version 0). Nothing of it is believed: tensors must fill the data without gaps or overlaps, and each must
/// have the size that its shape says.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes of the number before the header that says how long it is.</summary>
    public const int LengthBytes = sizeof(ulong);

    /// <summary>Longest header; the limit of the format's own reader.</summary>
    public const long MostBytes = 100_000_000;

    private const string Metadata = "__metadata__";
    private const int MostDimensions = 64;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    /// <summary>Parses a header.</summary>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataBytes">Bytes of the file behind it.</param>
    /// <returns>The tensors by name.</returns>
    /// <exception cref="InvalidDataException">What is wrong with it.</exception>
    public static IReadOnlyDictionary<string, SafetensorsTensor> Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        try
        {
            var tensors = new Dictionary<string, SafetensorsTensor>(StringComparer.Ordinal);
            var reader = new Utf8JsonReader(json, Options);
            Expect(ref reader, JsonTokenType.StartObject, "the header is no JSON object");
            var metadataSeen = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (name == Metadata ? metadataSeen : tensors.ContainsKey(name))
                    throw new InvalidDataException($"'{name}' is in the header twice");
                if (name == Metadata)
                {
                    metadataSeen = true;
                    Expect(ref reader, JsonTokenType.StartObject, $"'{Metadata}' is no object");
                    reader.Skip();
                }
                else
                {
                    tensors.Add(name, Tensor(ref reader, name));
                }
            }
            if (reader.Read())
                throw new InvalidDataException("text follows the header's object");
            CheckPlaces(tensors.Values, dataBytes);
            return tensors;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Text that is no valid Unicode is an InvalidOperationException of the reader.
            throw new InvalidDataException($"the header is no JSON: {exception.Message}", exception);
        }
    }

    private static SafetensorsTensor Tensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"'{name}' is no object");
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, $"the dtype of '{name}' is no text");
                    type = reader.GetString();
                    break;
                case "shape" when shape is null: shape = Numbers(ref reader, name, "shape"); break;
                case "data_offsets" when offsets is null: offsets = Numbers(ref reader, name, "data_offsets"); break;
                default: throw new InvalidDataException($"the key '{key}' of '{name}' is unknown or there twice");
            }
        }
        if (type is null || shape is null || offsets is not [var begin, var end])
            throw new InvalidDataException($"'{name}' lacks its dtype, its shape or two data_offsets");
        var bits = SafetensorsTypes.BitsOf(type) ?? throw new InvalidDataException($"the dtype '{type}' of '{name}' is unknown");
        var bytes = ElementTypes.Count(shape) is { } elements && elements <= long.MaxValue / 64
            ? (elements * bits + 7) / 8
            : throw new InvalidDataException($"the shape [{string.Join(", ", shape)}] of '{name}' overflows");
        if (begin > end || end - begin != bytes)
            throw new InvalidDataException($"'{name}' is {type} [{string.Join(", ", shape)}], {bytes} bytes, but its data_offsets are {begin} to {end}");
        return new SafetensorsTensor(name, type, shape, begin, bytes);
    }

    private static List<long> Numbers(ref Utf8JsonReader reader, string name, string key)
    {
        Expect(ref reader, JsonTokenType.StartArray, $"the {key} of '{name}' is no list");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0 || numbers.Count == MostDimensions)
                throw new InvalidDataException($"the {key} of '{name}' is no list of whole numbers from 0");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>The format allows neither gaps nor overlaps, so that a file has one meaning.</summary>
    private static void CheckPlaces(IEnumerable<SafetensorsTensor> tensors, long dataBytes)
    {
        SafetensorsTensor? previous = null;
        long filled = 0;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Bytes).ThenBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            if (tensor.Offset < filled)
                throw new InvalidDataException($"'{tensor.Name}' overlaps '{previous!.Name}'");
            if (tensor.Offset > filled)
                throw new InvalidDataException($"bytes {filled} to {tensor.Offset} of the data belong to no tensor");
            if (tensor.Bytes > dataBytes - tensor.Offset)
                throw new InvalidDataException($"'{tensor.Name}' needs bytes {tensor.Offset} to {tensor.Offset + (decimal)tensor.Bytes} of the data, which has {dataBytes}");
            (previous, filled) = (tensor, tensor.Offset + tensor.Bytes);
        }
        if (filled != dataBytes)
            throw new InvalidDataException($"bytes {filled} to {dataBytes} of the data belong to no tensor");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string otherwise)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new InvalidDataException(otherwise);
    }
}

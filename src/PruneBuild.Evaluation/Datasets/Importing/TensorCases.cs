using System.Buffers.Binary;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>Cases from tensors without names: a <c>.npy</c> file, or raw bytes (<c>.u8</c>) or floats (<c>.f32</c>) whose shape the user gives.</summary>
internal static class TensorCases
{
    /// <param name="file">The tensors.</param>
    /// <param name="labels">Their labels, as the harness reads them; null for none.</param>
    /// <param name="shape">Dimensions of one case; null where the file says it.</param>
    /// <param name="slice">Slice of all cases.</param>
    /// <param name="writer">Where they go.</param>
    /// <exception cref="PruneBuildException">PB1064 unusable header, wrong size or a number that is not finite; PB1065 no shape; PB1033 labels of another number.</exception>
    public static void Import(string file, string? labels, IReadOnlyList<int>? shape, string slice, CaseWriter writer)
    {
        PruneBuildException Unusable(string reason) => new SourceLocation(file, 0, 0).Error("PB1064", Path.GetFileName(file), reason);

        using var stream = File.OpenRead(file);
        var header = Header(stream, file, shape);
        if (header.Shape.Count == 0) throw Unusable("it holds a single number");
        var elements = header.Shape.Skip(1).Aggregate(1L, (product, dimension) => Math.Min(int.MaxValue, product * dimension));
        var bytesPerCase = elements * header.ElementSize;
        if (bytesPerCase is 0 or > int.MaxValue) throw Unusable($"one case has {bytesPerCase} bytes");
        var count = header.Shape[0];
        if (stream.Length - header.DataOffset != count * bytesPerCase) throw Unusable($"{stream.Length - header.DataOffset} bytes of numbers are not {count} cases of {bytesPerCase} bytes");
        var labelled = labels is null ? null : LabelFile.Read(labels, labels, int.MaxValue, new SourceLocation(labels, 0, 0));
        if (labelled is not null && labelled.Length != count) throw new SourceLocation(labels!, 0, 0).Error("PB1033", labels, labelled.Length, count, 1);

        var bytes = new byte[bytesPerCase];
        for (var index = 0; index < count; index++)
        {
            stream.ReadExactly(bytes);
            writer.Write(
                ImportedId.Of(file, index + 1),
                slice,
                json =>
                {
                    json.WriteStartArray();
                    for (var i = 0; i < elements; i++) WriteNumber(json, header.Descriptor, bytes.AsSpan(i * header.ElementSize), Unusable);
                    json.WriteEndArray();
                },
                labelled is null ? null : FormattableString.Invariant($"{labelled[index]}"),
                new SourceLocation(file, 0, 0));
        }
    }

    private static NpyHeader Header(FileStream stream, string file, IReadOnlyList<int>? shape)
    {
        if (file.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)) return NpyHeader.Read(stream, file);
        if (shape is null) throw new SourceLocation(file, 0, 0).Error("PB1065", "--shape", ".npy files alone say their shape");
        var descriptor = file.EndsWith(".f32", StringComparison.OrdinalIgnoreCase) ? "<f4" : "|u1";
        var bytes = shape.Aggregate((long)(descriptor[^1] - '0'), (product, dimension) => Math.Min(int.MaxValue, product * dimension));
        return new NpyHeader(descriptor, [(int)Math.Min(int.MaxValue, stream.Length / Math.Max(1, bytes)), .. shape], 0);
    }

    private static void WriteNumber(System.Text.Json.Utf8JsonWriter json, string descriptor, ReadOnlySpan<byte> bytes, Func<string, PruneBuildException> unusable)
    {
        switch (descriptor)
        {
            case "|u1":
                json.WriteNumberValue(bytes[0]);
                break;
            case "<i4":
                json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(bytes));
                break;
            case "<i8":
                json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(bytes));
                break;
            case "<f4" when BinaryPrimitives.ReadSingleLittleEndian(bytes) is var single && float.IsFinite(single):
                json.WriteNumberValue(single);
                break;
            case "<f8" when BinaryPrimitives.ReadDoubleLittleEndian(bytes) is var number && double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                throw unusable("it holds NaN or infinity");
        }
    }
}

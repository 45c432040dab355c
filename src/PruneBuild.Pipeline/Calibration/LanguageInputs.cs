using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Pipeline;

/// <summary>
/// What a language model wants beside its tokens, by the names that exporters give: <c>attention_mask</c> (ones),
/// <c>position_ids</c> (0, 1, ...), <c>token_type_ids</c> (zeros) and an empty cache in <c>past…</c> inputs.
/// </summary>
internal sealed class LanguageInputs
{
    private const int Int32 = (int)TensorProto.Types.DataType.Int32;
    private const int Int64 = (int)TensorProto.Types.DataType.Int64;
    private const int Float = (int)TensorProto.Types.DataType.Float;

    private static readonly string[] TokenNames = ["input_ids", "tokens"];

    private readonly List<(string Name, Func<long[], int, int, CalibrationTensor> Make)> inputs = [];

    private LanguageInputs(string tokens, long? vocabulary) => (Tokens, Vocabulary) = (tokens, vocabulary);

    /// <summary>The input that takes the tokens.</summary>
    public string Tokens { get; }

    /// <summary>How many tokens the embedding knows; null where the graph does not show one.</summary>
    public long? Vocabulary { get; }

    /// <summary>Looks at a model's inputs.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB3004 at the recipe: no input takes tokens, or nobody knows what another one wants.</exception>
    public static LanguageInputs Of(OnnxModel model, TokenCalibration calibration)
    {
        List<ValueInfoProto> own = [.. model.Graph.Input.Where(input => !model.Weights.ContainsKey(input.Name))];
        var whole = own.FindAll(input => input.Type?.TensorType?.ElemType is Int32 or Int64);
        var tokens = whole.Find(input => TokenNames.Contains(input.Name)) ?? (whole.Count == 1 ? whole[0] : null)
            ?? throw calibration.At.Error("PB3004", calibration.File, TokenNames[0], $"the model's inputs are {string.Join(", ", own.Select(input => input.Name))}; none takes token ids");
        var made = new LanguageInputs(tokens.Name, VocabularyOf(model, tokens.Name));
        foreach (var input in own)
        {
            made.inputs.Add((input.Name, Maker(input, tokens.Name)
                ?? throw calibration.At.Error("PB3004", calibration.File, input.Name, "it is not known what a language model wants there")));
        }
        return made;
    }

    /// <summary>The inputs for windows of tokens, [count, length].</summary>
    public CalibrationBatch Batch(long[] tokens, int count, int length) =>
        new(inputs.ToDictionary(input => input.Name, input => input.Make(tokens, count, length), StringComparer.Ordinal));

    private static Func<long[], int, int, CalibrationTensor>? Maker(ValueInfoProto input, string tokens)
    {
        var type = input.Type?.TensorType?.ElemType;
        Func<long[], int, int, CalibrationTensor>? Whole(Func<long[], int, int, long[]> values) => type switch
        {
            Int64 => (ids, count, length) => new CalibrationTensor(values(ids, count, length), [count, length]),
            Int32 => (ids, count, length) => new CalibrationTensor(Array.ConvertAll(values(ids, count, length), value => (int)value), [count, length]),
            _ => null,
        };
        return input.Name switch
        {
            _ when input.Name == tokens => Whole((ids, _, _) => ids),
            "attention_mask" => Whole((ids, _, _) => [.. Enumerable.Repeat(1L, ids.Length)]),
            "position_ids" => Whole((ids, _, length) => [.. Enumerable.Range(0, ids.Length).Select(index => (long)(index % length))]),
            "token_type_ids" => Whole((ids, _, _) => new long[ids.Length]),
            _ when input.Name.StartsWith("past", StringComparison.Ordinal) && type == Float && input.Type!.TensorType.Shape?.Dim is { Count: 4 } dimensions =>
                (_, count, _) => new CalibrationTensor(Array.Empty<float>(), [count, dimensions[1].DimValue, 0, dimensions[3].DimValue]),
            _ => null,
        };
    }

    private static long? VocabularyOf(OnnxModel model, string tokens)
    {
        var gather = model.Graph.Node.FirstOrDefault(node => node.OpType == "Gather" && node.Input[1] == tokens && model.Weights.ContainsKey(node.Input[0]));
        return gather is null ? null : model.Weights[gather.Input[0]].Shape[0];
    }
}

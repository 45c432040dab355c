using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Targeting;

/// <summary>
/// Stores float weights as float16 initializers behind a Cast, whose output keeps the weight's name. ONNX Runtime casts constants when it
/// loads a model, so the kernels compute with float32: its float16 kernels for processors are far slower.
/// </summary>
internal static class HalfStorage
{
    private const float Largest = 65504;

    /// <summary>Stores a weight so, unless a value would not survive.</summary>
    /// <returns>Why it stayed float32, or null.</returns>
    public static string? Store(OnnxModel model, string name)
    {
        if (!model.Weights.TryGetValue(name, out var weight) || weight.Type != TensorProto.Types.DataType.Float)
            return "it is no float initializer";
        if (model.Graph.Output.Any(output => output.Name == name))
            return "it is an output of the model";
        var values = weight.ReadSingles();
        if (Array.Find(values, value => !(Math.Abs(value) <= Largest)) is not 0 and var large)
            return FormattableString.Invariant($"{large:R} is beyond float16");
        var halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        for (var index = 0; index < values.Length; index++)
            if (values[index] != 0 && halves[index] == Half.Zero)
                return FormattableString.Invariant($"{values[index]:R} would vanish in float16");
        var stored = ValueNames.Fresh(model, name + "_half");
        model.SetWeight(stored, TensorProto.Types.DataType.Float16, [.. weight.Shape], MemoryMarshal.AsBytes<Half>(halves));
        model.RemoveWeight(name);
        // A value that a node makes cannot be a graph input as well, as initializers of old models are.
        if (model.Graph.Input.FirstOrDefault(input => input.Name == name) is { } input)
            model.Graph.Input.Remove(input);
        var cast = new NodeProto { OpType = "Cast", Name = ValueNames.Fresh(model, name + "_cast") };
        cast.Input.Add(stored);
        cast.Output.Add(name);
        cast.Set("to", (int)TensorProto.Types.DataType.Float);
        model.Graph.Node.Insert(model.Graph.Node.TakeWhile(node => !node.Input.Contains(name)).Count(), cast);
        return null;
    }

    /// <summary>Stores what is left in float: weights of dense layers, scales of layers quantized in groups.</summary>
    /// <param name="model">Edited, lowered.</param>
    /// <param name="layers">What became of its layers.</param>
    /// <param name="device">The target.</param>
    /// <returns>The layers with their new sizes, and refusals.</returns>
    public static List<LoweredLayer> Store(OnnxModel model, IReadOnlyList<LoweredLayer> layers, Device device)
    {
        var sites = WeightSites.Find(model).Where(site => site.Storage == WeightStorage.FullPrecision).GroupBy(site => site.Name, StringComparer.Ordinal)
            .ToDictionary(named => named.Key, named => named.First().StoredName, StringComparer.Ordinal);
        var scales = model.Graph.Node.Where(node => node is { OpType: "MatMulNBits", Domain: "com.microsoft" } && node.Name.Length > 0)
            .GroupBy(node => node.Name, StringComparer.Ordinal).ToDictionary(named => named.Key, named => named.First().Input[2], StringComparer.Ordinal);
        var known = new Dictionary<string, (string? Reason, long Saved)>(StringComparer.Ordinal);
        return [.. layers.Select(layer =>
        {
            var tensor = layer.Kernel == KernelName.DenseFp32 ? sites.GetValueOrDefault(layer.Name)
                : layer.Kernel is KernelName.DenseInt4 or KernelName.DenseInt8Groups ? scales.GetValueOrDefault(layer.Name)
                : null;
            if (tensor is null)
                return layer;
            if (!device.HasHalfArithmetic)
                return With(layer, $"float32 storage: {device.Id} has no float16 arithmetic", 0);
            if (!known.TryGetValue(tensor, out var outcome))
            {
                var bytes = model.Weights[tensor].Bytes;
                known[tensor] = outcome = Store(model, tensor) is { } refusal ? ($"float32 storage of '{tensor}': {refusal}", 0L) : (null, bytes / 2);
            }
            return With(layer, outcome.Reason ?? $"'{tensor}' stored as float16", outcome.Saved);
        })];
    }

    private static LoweredLayer With(LoweredLayer layer, string reason, long saved) => layer with
    {
        StoredBytes = layer.StoredBytes - saved,
        Reason = layer.Reason.Length == 0 ? reason : $"{layer.Reason}; {reason}",
    };
}

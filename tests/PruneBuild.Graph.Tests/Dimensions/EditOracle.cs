using System.Runtime.InteropServices;
using PruneBuild.Graph.Dimensions;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests.Dimensions;

/// <summary>The identities every structured edit must keep, computed by ONNX Runtime.</summary>
internal static class EditOracle
{
    public const double Tolerance = 1e-5;

    /// <summary>Sets the weights of units to zero in every member, which removes what they contribute but keeps all shapes.</summary>
    public static void Mask(OnnxModel model, DimensionClass found, IEnumerable<int> units)
    {
        var gone = units.ToList();
        foreach (var member in found.Members)
        {
            var weight = model.Weights[member.Tensor];
            if (weight.Type != DataType.Float)
                continue;
            var values = weight.ReadSingles();
            var shape = weight.Shape.ToArray();
            var inner = (int)shape.Skip(member.Axis + 1).Aggregate(1L, (product, size) => product * size);
            var outer = (int)shape.Take(member.Axis).Aggregate(1L, (product, size) => product * size);
            foreach (var index in gone.SelectMany(member.Indices))
                for (var block = 0; block < outer; block++)
                    values.AsSpan((((block * (int)shape[member.Axis]) + index) * inner), inner).Clear();
            model.SetWeight(member.Tensor, shape, values);
        }
    }

    public static Dictionary<string, float[]> Run(OnnxModel model, int seed = 1)
    {
        using var folder = new TemporaryFolder();
        model.Save(folder["model.onnx"]);
        return OnnxRuntimeOracle.Run(folder["model.onnx"], seed)
            .ToDictionary(output => output.Key, output => MemoryMarshal.Cast<byte, float>(output.Value).ToArray());
    }

    /// <summary>Largest difference, relative to the largest output.</summary>
    public static double Difference(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        double worst = 0;
        foreach (var (name, values) in expected)
        {
            Assert.Equal(values.Length, actual[name].Length);
            Assert.All(actual[name], value => Assert.True(float.IsFinite(value)));
            var scale = values.Max(value => Math.Abs((double)value));
            worst = Math.Max(worst, values.Zip(actual[name], (left, right) => Math.Abs((double)left - right)).Max() / Math.Max(scale, 1e-12));
        }
        return worst;
    }

    /// <summary>Sliced ≡ masked dense for a random half, in a random order, and permuted ≡ original.</summary>
    /// <param name="open">A fresh copy of the model.</param>
    /// <param name="write">Receives the classes.</param>
    /// <returns>The classes.</returns>
    public static IReadOnlyList<DimensionClass> CheckAll(Func<OnnxModel> open, Action<string> write)
    {
        using var original = open();
        var dense = Run(original);
        var count = DimensionClosure.Analyze(original).Count;
        for (var index = 0; index < count; index++)
        {
            var random = new Random(index);
            using var model = open();
            var found = DimensionClosure.Analyze(model)[index];
            write(found.ToString());
            if (found.FrozenReason is not null || found.Size < 2)
                continue;
            var order = Enumerable.Range(0, found.Size).ToArray();
            random.Shuffle(order);
            DimensionEdit.Select(model, found, order);
            Assert.True(Difference(dense, Run(model)) <= Tolerance, $"{found}: permuted differs from the original");
            if (found.ReductionReason is not null)
                continue;

            using var masked = open();
            using var sliced = open();
            var kept = order[..((found.Size + 1) / 2)];
            Mask(masked, DimensionClosure.Analyze(masked)[index], order[kept.Length..]);
            DimensionEdit.Select(sliced, DimensionClosure.Analyze(sliced)[index], kept);
            var expected = Run(masked);
            Assert.True(Difference(dense, expected) > 1e-4, $"{found}: masking changed nothing, so the comparison says nothing");
            Assert.True(sliced.WeightBytes < original.WeightBytes, $"{found}: nothing became smaller");
            var difference = Difference(expected, Run(sliced));
            Assert.True(difference <= Tolerance, $"{found}: sliced differs from masked by {difference}");
        }
        return DimensionClosure.Analyze(original);
    }
}

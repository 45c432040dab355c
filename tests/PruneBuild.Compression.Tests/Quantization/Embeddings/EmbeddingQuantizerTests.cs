using Microsoft.ML.OnnxRuntime;
using PruneBuild.Compression.Quantization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Tests.Quantization.Embeddings;

/// <summary>What ONNX Runtime's GatherBlockQuantized looks up in the packed rows.</summary>
public sealed class EmbeddingQuantizerTests
{
    private static readonly Predicate<WeightSite> AllQuantized = _ => false;

    public static TheoryData<int, int, bool, int, int> Packings()
    {
        var data = new TheoryData<int, int, bool, int, int>();
        foreach (var bits in new[] { 4, 8 })
            foreach (var symmetric in new[] { true, false })
                foreach (var (rows, features, group) in new[] { (7, 64, 32), (5, 70, 16), (3, 34, 32), (9, 96, 32), (4, 300, 128), (1, 20, 256), (6, 2, 16) })
                    data.Add(bits, group, symmetric, rows, features);
        data.Add(8, 16, true, 4, 33);
        data.Add(8, 32, false, 5, 65);
        return data;
    }

    [Theory]
    [MemberData(nameof(Packings))]
    public void The_operator_reads_back_every_row(int bits, int group, bool symmetric, int rows, int features)
    {
        var format = new GroupFormat(bits, group, symmetric);
        AssertReadBack(format, rows, features, TestModels.Random(features, rows * features));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(8, true)]
    [InlineData(8, false)]
    public void Groups_of_zeros_of_one_value_and_of_one_sign(int bits, bool symmetric)
    {
        const int group = 16;
        float[] row = [.. new float[group], .. Enumerable.Repeat(0.3f, group), .. Enumerable.Repeat(-0.7f, group), .. TestModels.Random(1, group).Select(Math.Abs), .. new float[6]];
        AssertReadBack(new GroupFormat(bits, group, symmetric), 3, row.Length, [.. row, .. row.Select(value => -2 * value), .. new float[row.Length]]);
    }

    [Fact]
    public void A_projection_tied_directly_keeps_its_weight_for_its_own_operator()
    {
        using var model = Tied("Gemm");
        var (before, table) = (Lookup(model, [3, 0]), model.Weights["table"].ReadSingles());
        Assert.Null(Assert.Single(EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), AllQuantized)).Reason);
        Assert.Equal(table, model.Weights["table"].ReadSingles());
        Assert.Equal(4, Assert.Single(GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { AccuracyLevel = 0 })).Bits);
        Assert.DoesNotContain("table", model.Weights.Keys);
        Assert.Equal(["GatherBlockQuantized", "MatMulNBits"], model.Graph.Node.Select(node => node.OpType));
        Assert.InRange(Distance(before, Lookup(model, [3, 0])), 1e-4, 0.15);
    }

    [Fact]
    public void A_projection_tied_through_a_transposition_is_untied_first()
    {
        using var model = Tied("Transpose");
        var before = Lookup(model, [3, 0]);
        Assert.Equal(["table"], TiedTables.Untie(model, []));
        Assert.Equal(before, Lookup(model, [3, 0]));
        Assert.Null(Assert.Single(EmbeddingQuantizer.Quantize(model, new GroupFormat(4, 32, true), AllQuantized)).Reason);
        Assert.Equal(4, Assert.Single(GroupModelQuantizer.Quantize(model, new GroupQuantizeOptions { AccuracyLevel = 0 })).Bits);
        Assert.All(model.Weights.Keys, name => Assert.True(name.Contains("_Q", StringComparison.Ordinal) || name.EndsWith("scales", StringComparison.Ordinal), name));
        Assert.InRange(Distance(before, Lookup(model, [3, 0])), 1e-4, 0.3);
    }

    [Theory]
    [InlineData("Gemm", "which stays float")]
    [InlineData("Transpose", "also used by Transpose 'turned_node'")]
    public void A_tied_projection_that_stays_float_keeps_the_table_float(string kind, string reason)
    {
        using var model = Tied(kind);
        Assert.Empty(TiedTables.Untie(model, ["y_node"]));
        var report = Assert.Single(EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), site => site.Name == "y_node"));
        Assert.Equal(32, report.Bits);
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
        Assert.Contains("table", model.Weights.Keys);
    }

    [Fact]
    public void An_odd_row_does_not_fill_bytes_with_four_bits()
    {
        using var model = Plain(4, 33, TestModels.Random(1, 4 * 33));
        Assert.Contains("33 features", Assert.Single(EmbeddingQuantizer.Quantize(model, new GroupFormat(4, 16, true), AllQuantized)).Reason, StringComparison.Ordinal);
        Assert.Contains("table", model.Weights.Keys);
    }

    [Fact]
    public void A_row_that_is_no_number_is_refused()
    {
        using var model = Plain(2, 16, [.. Enumerable.Repeat(1f, 31), float.PositiveInfinity]);
        Assert.Equal("PB2010", Assert.Throws<PruneBuildException>(() => EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 16, true), AllQuantized)).Code);
    }

    [Fact]
    public void Rotary_tables_and_constant_lookups_are_no_embeddings()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("Gather", ["cosines", "ids"], "c"), TestModels.Node("Unsqueeze", ["c", "axes"], "c1"), TestModels.Node("Mul", ["q", "c1"], "turned"),
                TestModels.Node("Gather", ["fixed", "two"], "f"), TestModels.Node("Add", ["turned", "f"], "y"),
            ],
            [("q", [-1, 1, 32])], ["y"],
            [("cosines", [8, 32], TestModels.Random(1, 256)), ("fixed", [4, 32], TestModels.Random(2, 128))]);
        Index(model);
        model.SetWeight("two", TensorProto.Types.DataType.Int64, [1], BitConverter.GetBytes(2L));
        model.SetWeight("axes", TensorProto.Types.DataType.Int64, [1], BitConverter.GetBytes(1L));
        Assert.Empty(EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 32, true), AllQuantized));
    }

    [Fact]
    public void Bands_of_rows_are_the_same_rows()
    {
        // Two bands of 4 million numbers each, the second shorter.
        const int features = 1 << 11;
        const int rows = 2100;
        var values = TestModels.Random(1, rows * features);
        using var model = Plain(rows, features, values);
        EmbeddingQuantizer.Quantize(model, new GroupFormat(8, 256, false), AllQuantized, threads: 2);
        foreach (var row in new[] { 0, 2047, 2048, 2099 })
        {
            var expected = new RoundToNearest().Quantize(new GroupProblem(values.AsMemory(row * features, features), 1, features, new GroupFormat(8, 256, false))).Dequantize();
            Assert.All(expected.Zip(Lookup(model, [row])), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    private static void AssertReadBack(GroupFormat format, int rows, int features, float[] values)
    {
        using var model = Plain(rows, features, values);
        var report = Assert.Single(EmbeddingQuantizer.Quantize(model, format, AllQuantized));
        Assert.Equal((format.Bits, (string?)null), (report.Bits, report.Reason));
        Assert.Equal("GatherBlockQuantized", Assert.Single(model.Graph.Node).OpType);
        var expected = new RoundToNearest().Quantize(new GroupProblem(values, rows, features, format)).Dequantize();
        var read = Lookup(model, [.. Enumerable.Range(0, rows)]);
        for (var index = 0; index < values.Length; index++)
            Assert.Equal(expected[index], read[index], 2e-6f);
    }

    private static OnnxModel Plain(int rows, int features, float[] values)
    {
        var model = TestModels.Model([TestModels.Node("Gather", ["table", "ids"], "y")], [], ["y"], [("table", [rows, features], values)]);
        Index(model);
        return model;
    }

    /// <summary>A table of 12 rows whose rows meet all rows again.</summary>
    private static OnnxModel Tied(string kind)
    {
        var model = TestModels.Model(
            kind == "Gemm"
                ? [TestModels.Node("Gather", ["table", "ids"], "h"), TestModels.Node("Gemm", ["h", "table"], "y", ("transB", 1L))]
                : [TestModels.Node("Gather", ["table", "ids"], "h"), TestModels.Node("Transpose", ["table"], "turned", ("perm", new long[] { 1, 0 })), TestModels.Node("MatMul", ["h", "turned"], "y")],
            [], ["y"], [("table", [12, 64], TestModels.Random(1, 12 * 64))]);
        Index(model);
        return model;
    }

    private static void Index(OnnxModel model)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Int64, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "tokens" });
        model.Graph.Input.Add(new ValueInfoProto { Name = "ids", Type = new TypeProto { TensorType = tensor } });
    }

    private static float[] Lookup(OnnxModel model, int[] rows)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "model.onnx");
            model.Save(path);
            using var session = new InferenceSession(path);
            using var ids = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(rows, row => (long)row), [rows.Length]);
            using var run = new RunOptions();
            using var results = session.Run(run, new Dictionary<string, OrtValue> { ["ids"] = ids }, ["y"]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Distance(float[] exact, float[] near) =>
        Math.Sqrt(exact.Zip(near, (left, right) => Math.Pow(left - right, 2)).Sum() / exact.Sum(value => Math.Pow(value, 2)));
}

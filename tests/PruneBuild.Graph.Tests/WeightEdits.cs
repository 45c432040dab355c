using System.Runtime.InteropServices;
using PruneBuild.Graph.Onnx;
using DataType = PruneBuild.Graph.Onnx.TensorProto.Types.DataType;

namespace PruneBuild.Graph.Tests;

public sealed class WeightEdits
{
    // On both sides of the size above which an edited weight waits in a file.
    [Theory]
    [InlineData(16)]
    [InlineData(1 << 18)]
    [InlineData(3_000_001)]
    public void An_edited_weight_reads_back_and_is_saved(int count)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("m.onnx", TestModels.AddWeight());
        var values = TestModels.Random(count, 1);

        using (var model = OnnxModel.Load(path))
        {
            model.SetWeight("w", [1, count], values);
            Assert.Equal(values, model.Weights["w"].ReadSingles());
            using (var view = model.Weights["w"].Open())
                Assert.True(view.As<float>().SequenceEqual(values));
            model.Save(folder["copy.onnx"], externalData: true);
        }

        using var reloaded = OnnxModel.Load(folder["copy.onnx"]);
        Assert.Equal(values, reloaded.Weights["w"].ReadSingles());
        Assert.Equal([1L, count], reloaded.Weights["w"].Shape);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_can_be_saved_over_the_files_it_was_loaded_from_twice(bool externalData)
    {
        using var folder = new TemporaryFolder();
        var path = folder["m.onnx"];
        var kept = TestModels.Random(5000, 1);
        var edited = TestModels.Random(4, 2);
        using (var first = OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("kept", [5000], kept))))
            first.Save(path, externalData);

        using (var model = OnnxModel.Load(path))
        {
            model.SetWeight("w", [4], edited);
            model.Save(path, externalData);
            model.Save(path, externalData);
        }

        using var reloaded = OnnxModel.Load(path);
        Assert.Equal(edited, reloaded.Weights["w"].ReadSingles());
        Assert.Equal(kept, reloaded.Weights["kept"].ReadSingles());
        Assert.Equal(externalData ? ["m.onnx", "m.onnx.data"] : ["m.onnx"], folder.Entries());
    }

    [Fact]
    public void Two_saves_of_one_model_are_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using var model = OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("k", [5000], TestModels.Random(5000, 1))));

        model.Save(folder["a/m.onnx"], externalData: true);
        model.Save(folder["b/m.onnx"], externalData: true);

        Assert.Equal(File.ReadAllBytes(folder["a/m.onnx"]), File.ReadAllBytes(folder["b/m.onnx"]));
        Assert.Equal(File.ReadAllBytes(folder["a/m.onnx.data"]), File.ReadAllBytes(folder["b/m.onnx.data"]));
    }

    [Fact]
    public void A_weight_held_from_before_an_edit_keeps_its_values()
    {
        using var model = OnnxModel.FromProto(TestModels.AddWeight());
        float[] first = TestModels.Random(100_000, 1), second = TestModels.Random(100_000, 2);
        model.SetWeight("w", [100_000], first);
        var held = model.Weights["w"];

        model.SetWeight("w", [100_000], second);

        Assert.Equal(first, held.ReadSingles());
        Assert.Equal(second, model.Weights["w"].ReadSingles());
    }

    [Fact]
    public void New_weights_come_last_and_removed_ones_are_gone()
    {
        using var folder = new TemporaryFolder();
        using var model = OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("b", [1], 1)));

        model.SetWeight("q", DataType.Int8, [3], [1, 2, 3]);
        model.RemoveWeight("b");
        model.RemoveWeight("never there");
        model.Save(folder["m.onnx"]);

        using var reloaded = OnnxModel.Load(folder["m.onnx"]);
        Assert.Equal(["w", "q"], reloaded.Weights.Keys);
        Assert.Equal(19, reloaded.WeightBytes);
        Assert.Equal([1, 2, 3], reloaded.Weights["q"].Read<sbyte>());
    }

    [Fact]
    public void Values_that_do_not_fill_the_shape_are_refused()
    {
        using var model = OnnxModel.FromProto(TestModels.AddWeight());

        Assert.Throws<ArgumentException>(() => model.SetWeight("w", [2, 2], new float[5]));
        Assert.Throws<ArgumentException>(() => model.SetWeight("w", DataType.Int4, [3], new byte[3]));
        Assert.Throws<ArgumentException>(() => model.SetWeight("w", [-1], []));
        Assert.Equal([1f, 2, 3, 4], model.Weights["w"].ReadSingles());
    }

    [Fact]
    public void No_spool_file_is_left_behind()
    {
        string[] Spools() => Directory.GetFiles(Path.GetTempPath(), "prunebuild-*.spool");
        var before = Spools();

        using (var model = OnnxModel.FromProto(TestModels.AddWeight()))
            model.SetWeight("w", [1 << 20], new float[1 << 20]);

        Assert.Empty(Spools().Except(before));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_value_that_is_not_finite_is_found(float bad)
    {
        using var model = OnnxModel.FromProto(TestModels.AddWeight());
        var values = TestModels.Random(2_500_000, 1);
        values[2_400_000] = values[2_499_999] = bad;
        model.SetWeight("w", [2_500_000], values);

        Assert.Equal(2_400_000, model.Weights["w"].FirstNonFinite());
        model.SetWeight("w", [4], [1, 2, 3, 4]);
        Assert.Equal(-1, model.Weights["w"].FirstNonFinite());
    }

    [Fact]
    public void A_message_whose_initializers_lie_is_refused()
    {
        Assert.Throws<ArgumentException>(() => OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("w", [1], 1))));
        Assert.Throws<ArgumentException>(() => OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("b", [3], 1))));
        Assert.Throws<ArgumentException>(() => OnnxModel.FromProto(TestModels.AddWeight(TestModels.External("b", [1], "w.bin"))));
    }

    [Fact]
    public void A_view_checks_its_range_and_its_life()
    {
        using var model = OnnxModel.FromProto(TestModels.AddWeight());
        var values = TestModels.Random(100_000, 1);
        model.SetWeight("w", [100_000], values);
        var view = model.Weights["w"].Open();

        Assert.Equal(400_000, view.Length);
        Assert.Equal(values[^1], MemoryMarshal.Read<float>(view.Slice(399_996, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Slice(399_997, 4).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => view.Slice(-1, 4).Length);
        view.Dispose();
        Assert.Throws<ObjectDisposedException>(() => view.Slice(0, 4).Length);
    }
}

using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.Tests;

public sealed class InterruptedSaves
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_weight_whose_source_was_cut_short_leaves_the_old_files_whole(bool externalData)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not let anybody write to a model that is open.");
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[40_000]);
        var path = folder.Write("m.onnx", TestModels.AddWeight(TestModels.External("a", [10_000], "w.bin")));
        folder.Write("out.onnx", [1, 2, 3]);
        folder.Write("out.onnx.data", [4, 5, 6]);
        var entries = folder.Entries();

        using var model = OnnxModel.Load(path);
        using (var stream = new FileStream(folder["w.bin"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(20_000);
        var saving = Assert.Throws<PruneBuildException>(() => model.Save(folder["out.onnx"], externalData));
        var reading = Assert.Throws<PruneBuildException>(() => model.Weights["a"].ReadSingles());
        var mapping = Assert.Throws<PruneBuildException>(() => model.Weights["a"].Open());

        Assert.All([saving, reading, mapping], exception => Assert.Equal("PB2006", exception.Code));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["out.onnx"]));
        Assert.Equal([4, 5, 6], File.ReadAllBytes(folder["out.onnx.data"]));
        Assert.Equal(entries, folder.Entries());
    }

    [Fact]
    public void A_model_file_that_cannot_be_replaced_brings_the_old_external_data_back()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["m.onnx"]);
        folder.Write("m.onnx.data", [4, 5, 6]);
        using var model = OnnxModel.FromProto(TestModels.AddWeight(TestModels.Floats("k", [5000], TestModels.Random(5000, 1))));

        var exception = Assert.Throws<PruneBuildException>(() => model.Save(folder["m.onnx"], externalData: true));

        Assert.Equal(("PB6002", folder["m.onnx"]), (exception.Code, exception.Diagnostic.File));
        Assert.Equal([4, 5, 6], File.ReadAllBytes(folder["m.onnx.data"]));
        Assert.Equal(["m.onnx", "m.onnx.data"], folder.Entries());
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_reported()
    {
        using var folder = new TemporaryFolder();
        folder.Write("file", [1]);
        using var model = OnnxModel.FromProto(TestModels.AddWeight());

        var exception = Assert.Throws<PruneBuildException>(() => model.Save(folder["file/m.onnx"]));

        Assert.Equal("PB6002", exception.Code);
        Assert.Equal(["file"], folder.Entries());
    }
}

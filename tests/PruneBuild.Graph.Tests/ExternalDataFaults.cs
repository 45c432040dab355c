using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Tests;

public sealed class ExternalDataFaults
{
    [Fact]
    public void A_missing_file_is_PB2005()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["parts"]);

        var exception = Rejected.With("PB2005", With(folder, TestModels.External("t", [4], "none.bin")));
        Rejected.With("PB2005", With(folder, TestModels.External("t", [4], "parts")));

        Assert.Contains(folder["none.bin"], exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 17)]
    [InlineData(52, 4)]
    [InlineData(65, 0)]
    [InlineData(long.MaxValue, 1)]
    public void A_range_beyond_the_end_of_the_file_is_PB2006(long offset, long elements)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        Rejected.With("PB2006", With(folder, TestModels.External("t", [elements], "w.bin", offset)));
    }

    [Theory]
    [InlineData(0, 4, 4, 4)]
    [InlineData(0, 8, 8, 2)]
    [InlineData(0, 4, 0, 8)]
    public void Ranges_that_overlap_in_part_are_PB2007(long firstOffset, long first, long secondOffset, long second)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var path = With(folder, TestModels.External("a", [first], "w.bin", firstOffset), TestModels.External("b", [second], "./w.bin", secondOffset));

        var exception = Rejected.With("PB2007", path);

        Assert.Contains("'a'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'b'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbouring_and_empty_ranges_do_not_overlap()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var path = With(folder,
            TestModels.External("a", [4], "w.bin", 0), TestModels.External("b", [4], "w.bin", 16), TestModels.External("c", [0], "w.bin", 8));

        using var model = OnnxModel.Load(path);

        Assert.Equal(0, model.Weights["c"].Elements);
    }

    [Theory]
    [InlineData("../outside.bin")]
    [InlineData("parts/../../outside.bin")]
    [InlineData("..\\outside.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("\\\\server\\share\\outside.bin")]
    [InlineData("\\outside.bin")]
    [InlineData("C:\\outside.bin")]
    [InlineData("C:outside.bin")]
    [InlineData("file:///etc/hostname")]
    [InlineData(".")]
    public void A_location_that_leaves_the_folder_is_PB2008(string location)
    {
        using var folder = new TemporaryFolder();
        folder.Write("outside.bin", new byte[64]);
        Rejected.With("PB2008", folder.Write("model/m.onnx", TestModels.AddWeight(TestModels.External("t", [4], location))));
    }

    [Fact]
    public void Links_that_lead_outside_are_PB2008()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links on Windows needs a privilege.");
        using var folder = new TemporaryFolder();
        folder.Write("outside/w.bin", new byte[64]);
        Directory.CreateDirectory(folder["model"]);
        File.CreateSymbolicLink(folder["model/file.bin"], folder["outside/w.bin"]);
        File.CreateSymbolicLink(folder["model/relative.bin"], "../outside/w.bin");
        Directory.CreateSymbolicLink(folder["model/parts"], folder["outside"]);
        // The target lies inside by its name, and leaves through the link in the middle.
        File.CreateSymbolicLink(folder["model/chain.bin"], folder["model/parts/w.bin"]);
        File.CreateSymbolicLink(folder["model/circle.bin"], folder["model/circle.bin"]);

        foreach (var location in new[] { "file.bin", "relative.bin", "parts/w.bin", "chain.bin", "circle.bin" })
            Rejected.With("PB2008", folder.Write("model/m.onnx", TestModels.AddWeight(TestModels.External("t", [4], location))));
    }

    [Fact]
    public void Links_that_stay_inside_and_a_folder_that_is_a_link_itself_are_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links on Windows needs a privilege.");
        using var folder = new TemporaryFolder();
        folder.Write("model/parts/w.bin", new byte[64]);
        File.CreateSymbolicLink(folder["model/link.bin"], "parts/w.bin");
        folder.Write("model/m.onnx", TestModels.AddWeight(TestModels.External("t", [4], "link.bin")));
        Directory.CreateSymbolicLink(folder["alias"], folder["model"]);

        using var model = OnnxModel.Load(folder["alias/m.onnx"]);

        Assert.Equal(new float[4], model.Weights["t"].ReadSingles());
    }

    [Theory]
    [InlineData("offset", "-4")]
    [InlineData("offset", "0x10")]
    [InlineData("offset", "99999999999999999999")]
    [InlineData("length", "sixteen")]
    public void An_offset_or_length_that_is_not_a_number_is_PB2011(string key, string value)
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var tensor = TestModels.External("t", [4], "w.bin");
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        Rejected.With("PB2011", With(folder, tensor));
    }

    [Theory]
    [InlineData("")]
    [InlineData("w\0.bin")]
    public void A_location_that_is_no_path_is_PB2011(string location)
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2011", With(folder, TestModels.External("t", [4], location)));
    }

    private static string With(TemporaryFolder folder, params TensorProto[] tensors) =>
        folder.Write("m.onnx", TestModels.AddWeight(tensors));
}

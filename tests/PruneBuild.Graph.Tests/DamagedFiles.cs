using CsCheck;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Onnx;
using PruneBuild.Tests;

namespace PruneBuild.Graph.Tests;

public sealed class DamagedFiles
{
    [Fact]
    public void A_missing_file_is_PB2001()
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2001", folder["none.onnx"]);
        Rejected.With("PB2001", folder.Path);
    }

    [Fact]
    public void An_empty_file_is_PB2002()
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2002", folder.Write("m.onnx", (byte[])[]));
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n")]
    [InlineData("<html><body>404</body></html>")]
    [InlineData("{}")]
    [InlineData("\0\0\0\0")]
    public void A_file_of_another_kind_is_PB2003(string text)
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2003", folder.Write("m.onnx", System.Text.Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Random_bytes_are_PB2003()
    {
        using var folder = new TemporaryFolder();
        Gen.Byte.Array[1, 400].Sample(bytes => Rejected.With("PB2003", folder.Write("m.onnx", bytes)), iter: 1000, threads: 1);
    }

    [Fact]
    public void A_file_cut_short_at_any_37th_byte_is_PB2003()
    {
        using var folder = new TemporaryFolder();
        var whole = TestModels.AddWeight(TestModels.Floats("k", [500], TestModels.Random(500, 1)), TestModels.Floats("l", [3], 1, 2, 3)).ToByteArray();

        for (var length = 1; length < whole.Length; length += 37)
            Rejected.With("PB2003", folder.Write("m.onnx", whole[..length]));
    }

    [Fact]
    public void A_real_model_cut_short_is_PB2003()
    {
        var source = Path.Combine(OnnxRuntimeNative.SharedFolder, "models", "cifar-resnet", "resnet20.onnx");
        Assert.SkipUnless(File.Exists(source), "resnet20.onnx is not on this machine.");
        using var folder = new TemporaryFolder();
        var path = folder.Write("m.onnx", File.ReadAllBytes(source));

        for (var length = new FileInfo(path).Length - 1; length > 0; length -= 37 * 61)
        {
            using (var stream = new FileStream(path, FileMode.Open))
                stream.SetLength(length);
            Rejected.With("PB2003", path);
        }
    }

    [Fact]
    public void Changed_bytes_are_read_or_refused_with_a_code_and_never_allocate_much()
    {
        using var folder = new TemporaryFolder();
        folder.Write("w.bin", new byte[64]);
        var source = IfModel.Create();
        source.Graph.Initializer.Add(TestModels.External("e", [4], "w.bin", 16, 16));
        source.Graph.Initializer.Add(new TensorProto { Name = "i", DataType = 7, Dims = { 2 }, Int64Data = { 1, 2 } });
        var whole = source.ToByteArray();

        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(
            changes =>
            {
                var bytes = (byte[])whole.Clone();
                foreach (var (position, value) in changes)
                    bytes[position] = value;
                var path = folder.Write("m.onnx", bytes);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    using var model = OnnxModel.Load(path);
                    foreach (var weight in model.Weights.Values)
                        Assert.Equal(weight.Bytes, weight.Read<byte>().Length);
                }
                catch (PruneBuildException exception)
                {
                    Assert.StartsWith("PB20", exception.Code, StringComparison.Ordinal);
                    Assert.Equal(path, exception.Diagnostic.File);
                }
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
            },
            iter: 3000, threads: 1);
    }

    [Fact]
    public void A_graph_nested_beyond_the_parsers_limit_is_PB2003()
    {
        using var folder = new TemporaryFolder();
        var graph = new GraphProto { Name = "inner" };
        for (var depth = 0; depth < 200; depth++)
        {
            var node = TestModels.Node("If", ["c"], "y");
            node.Attribute.Add(new AttributeProto { Name = "then_branch", G = graph });
            graph = new GraphProto { Node = { node } };
        }
        var model = TestModels.AddWeight();
        model.Graph.Node.Add(graph.Node);

        Rejected.With("PB2003", folder.Write("m.onnx", model));
    }

    [Fact]
    public void A_model_without_graph_output_or_operator_set_is_PB2003()
    {
        using var folder = new TemporaryFolder();
        var noGraph = TestModels.Identity();
        noGraph.Graph = null;
        var noOutput = TestModels.Identity();
        noOutput.Graph.Output.Clear();
        var noOpset = TestModels.Identity();
        noOpset.OpsetImport.Clear();

        Rejected.With("PB2003", folder.Write("a.onnx", noGraph));
        Rejected.With("PB2003", folder.Write("b.onnx", noOutput));
        Rejected.With("PB2003", folder.Write("c.onnx", noOpset));
    }

    [Fact]
    public void An_initializer_defined_twice_is_PB2003()
    {
        using var folder = new TemporaryFolder();
        Rejected.With("PB2003", folder.Write("m.onnx", TestModels.AddWeight(TestModels.Floats("w", [1], 1))));
    }

    [Fact]
    public void Exactly_the_operator_sets_that_ONNX_Runtime_runs_are_read()
    {
        using var folder = new TemporaryFolder();
        for (var opset = 13; opset < 32; opset++)
        {
            var model = TestModels.Identity();
            model.OpsetImport[0].Version = opset;
            var path = folder.Write("m.onnx", model);
            if (OnnxRuntimeAccepts(path))
                OnnxModel.Load(path).Dispose();
            else
                Rejected.With("PB2004", path);
        }
    }

    [Fact]
    public void A_new_operator_set_of_another_domain_is_not_ours_to_refuse()
    {
        using var folder = new TemporaryFolder();
        var source = TestModels.Identity();
        source.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1000 });

        using var model = OnnxModel.Load(folder.Write("m.onnx", source));

        Assert.Equal(source.OpsetImport, model.Proto.OpsetImport);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_PB2013()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("m.onnx", TestModels.Identity());
        using var lockedByOthers = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        Rejected.With("PB2013", path);
    }

    private static bool OnnxRuntimeAccepts(string path)
    {
        try
        {
            using var session = new InferenceSession(path);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            return false;
        }
    }
}

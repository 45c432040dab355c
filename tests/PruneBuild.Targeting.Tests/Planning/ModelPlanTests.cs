using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Tests.Targeting;

public sealed class ModelPlanTests
{
    private static readonly Device X64 = DeviceCatalogue.Find("linux-x64");

    private static ModelBuilder Model(Matrix weight) =>
        new ModelBuilder().Input("x", "n", weight.Inputs).Output("y", "n", weight.Outputs).Quantized("w", weight).Node("MatMul", ["x", "w"], "y");

    [Fact]
    public void Measured_zeros_give_the_plan_that_lowering_follows()
    {
        using var model = Model(new Matrix(128, 256, blockSparsity: 0.9)).Build();

        var planned = Assert.Single(ModelPlan.Of(model, X64, new ModelPlanOptions { BatchSize = 4 }).Layers);
        var lowered = Assert.Single(ModelLowering.Lower(model, X64, new LoweringOptions { BatchSize = 4 }));

        Assert.Equal((lowered.Kernel, lowered.Reason), (planned.Chosen.Kernel, planned.Reason));
        Assert.Equal(lowered.StoredBytes, planned.Chosen.Bytes);
    }

    [Fact]
    public void Assumed_zeros_leave_the_weights_unread()
    {
        var path = Path.Combine(Path.GetTempPath(), $"prunebuild-{Guid.NewGuid():N}.onnx");
        try
        {
            using (var model = Model(new Matrix(512, 512, blockSparsity: 0)).Build())
                model.Save(path, externalData: true);
            using var opened = Graph.OnnxModel.Load(path);
            // A weight that is read now fails: its file was cut short.
            File.WriteAllBytes(path + ".data", []);

            var layer = Assert.Single(ModelPlan.Of(opened, X64, new ModelPlanOptions { Sparsity = 0.8, Pattern = ZeroPattern.Parse("8x4") }).Layers);

            Assert.Equal(Block8x4Int8.FormatName, layer.Chosen.Kernel);
            Assert.Equal(0.8, layer.Chosen.Sparsity);
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".data");
        }
    }

    [Fact]
    public void Layers_without_a_shape_are_named()
    {
        using var model = new ModelBuilder().Input("x", 1, 16, "h", "w").Output("y", 1, 32, "h", "w")
            .Float("w", new Matrix(32, 16, 0.9, 1).Values, 32, 16, 1, 1).Node("Conv", ["x", "w"], "y").Build();

        var plan = ModelPlan.Of(model, X64, new ModelPlanOptions());

        Assert.Empty(plan.Layers);
        Assert.Equal(["Conv:y"], plan.Unplanned);
    }
}

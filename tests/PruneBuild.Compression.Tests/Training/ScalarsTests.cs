using PruneBuild.Compression.Training;

namespace PruneBuild.Compression.Tests.Training;

public sealed class ScalarsTests
{
    [Fact]
    public void Numbers_beside_tensors_outlive_garbage_collections()
    {
        using var model = TestModels.Model(
            [
                TestModels.Node("Gather", ["x", "places"], "g"), TestModels.Node("HardSwish", ["g"], "h"), TestModels.Node("Gemm", ["h", "w"], "z", ("alpha", 0.75f)),
                TestModels.Node("Softsign", ["z"], "y"),
            ],
            [("x", [-1, 4])], ["y"], [("places", [3], [2, 0, 1]), ("w", [4, 4], TestModels.Random(1, 16))]);
        var batch = TestModels.Batch("x", TestModels.Random(2, 12), 3, 4);
        float[] Run() => (float[])TorchInterpreter.Run(model, batch)["y"].Data;
        var expected = Run();
        using var over = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!over.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var run = 0; run < 2000; run++)
                Assert.Equal(expected, Run());
        }
        finally
        {
            over.Cancel();
            collector.Join();
        }
    }
}

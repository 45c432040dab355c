using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class Gate(PackedFeed feed) : PackageTest(feed)
{
    [Fact]
    public void A_missed_floor_fails_the_build_at_the_floor_every_time_and_keeps_the_last_good_artifact()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();

        Project.Write("m.onnx", "score 0.5\ndata d.bin\n");
        for (var build = 0; build < 2; build++)
        {
            var error = Project.BuildForDevice().SingleError();
            Assert.Equal(new BuildError("PB4001", Project.Path("h.json"), 1, 7), error);
            Assert.StartsWith("score 0.9", File.ReadAllText(Project.DeviceOutput("edge", "m", "model.onnx")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_first_build_that_misses_a_floor_puts_nothing_into_the_output()
    {
        Project.WriteUsualApp();
        Project.Write("m.onnx", "score 0.5\n");
        Assert.Equal("PB4001", Project.BuildForDevice().SingleError().Code);
        Assert.False(Directory.Exists(Project.DeviceOutput("edge")));
    }

    [Fact]
    public void Every_model_that_misses_its_floor_is_reported_by_one_build_and_none_is_packaged()
    {
        Project.WriteApp("""
            <ModelReference Include="a.onnx" Harness="a.json" />
            <ModelReference Include="good.onnx" />
            <ModelReference Include="b.onnx" Harness="b.json" />
            """);
        Project.Write("good.onnx", "score 1\n");
        foreach (var name in (string[])["a", "b"])
        {
            Project.Write($"{name}.onnx", "score 0.5\n");
            Project.Write($"{name}.json", "floor 0.8\n");
        }
        var result = Project.BuildForDevice();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(
            [new BuildError("PB4001", Project.Path("a.json"), 1, 7), new BuildError("PB4001", Project.Path("b.json"), 1, 7)], result.Errors);
        Assert.Equal(3, result.WorkerStarts.Count(stage => stage == "evaluate"));
        Assert.DoesNotContain("package", result.WorkerStarts);
        Assert.DoesNotContain("MSB4181", result.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Project.DeviceOutput("edge")));
    }
}

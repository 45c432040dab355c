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
}

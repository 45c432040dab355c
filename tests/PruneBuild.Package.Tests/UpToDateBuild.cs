using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class UpToDateBuild(PackedFeed feed) : PackageTest(feed)
{
    private static readonly string[] AllStages = ["prune", "quantize", "select", "evaluate", "package"];
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_first_build_runs_every_stage_once_and_the_second_starts_no_worker()
    {
        Project.WriteUsualApp();
        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
        var artifact = Project.DeviceOutput("edge", "m", "model.onnx");
        var built = File.GetLastWriteTimeUtc(artifact);

        Assert.Empty(Project.BuildForDevice().AssertSucceeded().WorkerStarts);
        Assert.Equal(built, File.GetLastWriteTimeUtc(artifact));
    }

    [Fact]
    public void A_touched_model_starts_no_worker_and_a_changed_one_does()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();

        File.SetLastWriteTimeUtc(Project.Path("m.onnx"), DateTime.UtcNow.AddHours(1));
        Assert.Empty(Project.BuildForDevice().AssertSucceeded().WorkerStarts);

        Project.Write("m.onnx", "score 0.95\ndata d.bin\n");
        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void A_changed_data_file_of_the_model_starts_the_worker()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();
        Project.Write("d.bin", "DATA");
        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void A_changed_floor_starts_the_worker()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();
        Project.Write("h.json", "floor 0.7\n");
        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void A_model_replaced_by_an_older_file_reaches_the_output()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();

        Project.Write("m.onnx", "score 0.8\ndata d.bin\n");
        File.SetLastWriteTimeUtc(Project.Path("m.onnx"), LongAgo);
        Project.BuildForDevice().AssertSucceeded();
        Assert.Equal("score 0.8\ndata d.bin\n", File.ReadAllText(Project.DeviceOutput("edge", "m", "model.onnx")));
    }

    [Fact]
    public void A_changed_option_rebuilds_and_the_files_of_the_old_artifact_leave_the_output()
    {
        Project.WriteUsualApp();
        Project.WriteApp("""<ModelReference Include="m.onnx" Prune="8x4:0.8" />""");
        Project.BuildForDevice().AssertSucceeded();
        Assert.True(File.Exists(Project.DeviceOutput("edge", "m", "pruned.txt")));

        Project.WriteApp("""<ModelReference Include="m.onnx" />""");
        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
        Assert.False(File.Exists(Project.DeviceOutput("edge", "m", "pruned.txt")));
        Assert.True(File.Exists(Project.DeviceOutput("edge", "m", "model.onnx")));
    }

    [Fact]
    public void Clean_removes_the_artifact_everywhere_and_the_next_build_makes_it_again()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();

        Project.Run("clean", "-r", "linux-arm64").AssertSucceeded();
        Assert.False(File.Exists(Project.DeviceOutput("edge", "m", "model.onnx")));
        Assert.False(Directory.Exists(Project.Path("obj", "prunebuild")));

        Assert.Equal(AllStages, Project.BuildForDevice().AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void Clean_leaves_the_artifacts_of_other_runtime_identifiers_and_what_they_share()
    {
        Project.WriteApp(
            """<ModelReference Include="m.onnx" />""",
            "<TargetFramework>net10.0</TargetFramework><RuntimeIdentifiers>linux-arm64;win-x64</RuntimeIdentifiers>" +
            "<EnableRuntimePackDownload>false</EnableRuntimePackDownload><EnableAppHostPackDownload>false</EnableAppHostPackDownload>");
        Project.Write("m.onnx", "score 1\n");
        Project.Run("restore").AssertSucceeded();
        string[] rids = ["linux-arm64", "win-x64"];
        foreach (var rid in rids)
            Project.Build("--no-restore", "-r", rid).AssertSucceeded();
        var shared = Project.Write("obj/prunebuild/m/stages/result.bin", "shared");

        Project.Run("clean", "-r", rids[0]).AssertSucceeded();
        Assert.False(Directory.Exists(Project.Path("obj", "prunebuild", "m", rids[0])));
        Assert.True(File.Exists(shared));
        Assert.Empty(Project.Build("--no-restore", "-r", rids[1]).AssertSucceeded().WorkerStarts);

        Project.Run("clean", "-r", rids[1]).AssertSucceeded();
        Assert.False(Directory.Exists(Project.Path("obj", "prunebuild")));
    }

    [Fact]
    public void A_disabled_PruneBuild_does_nothing()
    {
        Project.WriteUsualApp();
        Assert.Empty(Project.BuildForDevice("-p:PruneBuildEnabled=false").AssertSucceeded().WorkerStarts);
        Assert.False(Directory.Exists(Project.DeviceOutput("edge")));
    }

    [Fact]
    public void A_design_time_build_does_nothing()
    {
        Project.WriteUsualApp();
        Project.Run("restore").AssertSucceeded();
        var result = Project.Build(
            "--no-restore", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true", "-t:Compile;ResolveReferences");
        Assert.Empty(result.AssertSucceeded().WorkerStarts);
        Assert.False(Directory.Exists(Project.Path("obj", "prunebuild")));
    }

    [Fact]
    public void A_multithreaded_build_does_the_same()
    {
        Project.WriteUsualApp();
        Assert.Equal(AllStages, Project.BuildForDevice("-mt").AssertSucceeded().WorkerStarts);
        Assert.Empty(Project.BuildForDevice("-mt").AssertSucceeded().WorkerStarts);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The README's first command and what comes after it, on a copy of the repository.</summary>
[Collection(SamplesOfOneClone.Name)]
public sealed partial class MeterReaderTests(MeterReaderBuilds builds) : IClassFixture<MeterReaderBuilds>
{
    private static readonly string[] AllStages = ["prune", "quantize", "select", "evaluate", "package"];

    [Fact]
    public void A_fresh_clone_builds_the_artifact_for_the_device_without_a_warning()
    {
        var build = builds.First.AssertSucceeded();
        Assert.Contains("0 Warning(s)", build.Command.Output);
        Assert.DoesNotMatch(@"\bwarning \w+\d+:", build.Log);
        Assert.Equal(AllStages, build.WorkerStarts);
        Assert.Equal(["manifest.json", "model.onnx", "model.onnx.data", "verdict.json"], build.Artifact.Files.Select(file => file.Path));
    }

    [Fact]
    public void The_artifact_passed_its_gate_at_a_quarter_of_the_dense_parent_or_less()
    {
        builds.First.AssertSucceeded();
        var manifest = Manifest();
        Assert.Equal(("pass", "linux-arm64"), (manifest.Verdict, manifest.Rid));
        using var verdict = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(builds.ArtifactFolder, "verdict.json")));
        Assert.Equal("pass", verdict.RootElement.GetProperty("result").GetString());

        Assert.Equal(new FileInfo(builds.ParentFile).Length, manifest.Sizes.ParentBytes);
        Assert.Equal(builds.First.Artifact.Files.Where(file => file.Path.StartsWith("model.", StringComparison.Ordinal)).Sum(file => file.Bytes), manifest.Sizes.ArtifactBytes);
        Assert.True(manifest.Sizes.ArtifactBytes * 4 <= manifest.Sizes.ParentBytes, manifest.Sizes.ToString());
    }

    [Fact]
    public void Every_layer_runs_on_a_sparse_kernel_or_says_with_numbers_or_an_obstacle_why_not()
    {
        builds.First.AssertSucceeded();
        var layers = Manifest().Layers;
        Assert.Contains(layers, layer => IsSparse(layer.Kernel));
        foreach (var layer in layers.Where(layer => !IsSparse(layer.Kernel)))
        {
            Assert.True(RefusalWithNumbers().IsMatch(layer.Reason) || RefusalWithObstacle().IsMatch(layer.Reason), $"{layer.Name}: {layer.Reason}");
            // Where a sparse kernel could have run, only the comparison is a reason.
            if (layer.Candidates.Any(candidate => IsSparse(candidate.Kernel) && candidate.Refused is null))
                Assert.Matches(RefusalWithNumbers(), layer.Reason);
        }
    }

    [Fact]
    public void The_second_build_starts_no_worker_and_touches_no_file_of_the_artifact()
    {
        Assert.Empty(builds.Second.AssertSucceeded().WorkerStarts);
        Assert.Equal(builds.First.Artifact.Files, builds.Second.Artifact.Files);
    }

    [Fact]
    public void Built_for_this_machine_the_app_reads_all_clean_meters()
    {
        Assert.Equal(AllStages, builds.Host.AssertSucceeded().WorkerStarts);
        using var meters = JsonDocument.Parse(builds.HostReadings.AssertExitCode(0).Output);
        Assert.Equal(8, meters.RootElement.GetArrayLength());
        Assert.All(meters.RootElement.EnumerateArray(), meter => Assert.Matches("^[0-9]{6}$", meter.GetProperty("reading").GetString()));
    }

    [Fact]
    public void Publishing_takes_the_artifact_of_the_build_and_starts_no_worker()
    {
        Assert.Empty(builds.Published.AssertSucceeded().WorkerStarts);
        Assert.Equal(builds.First.Artifact.Contents, FolderState.Of(Path.Combine(builds.PublishFolder, "edge", "meter-digits")).Contents);
    }

    [Theory]
    [InlineData("cortex-a72", "advsimd")]
    [InlineData("cortex-a76", "advsimd-dp")]
    public void On_the_device_the_published_app_answers_what_this_machine_answers(string cpu, string tier)
    {
        MeterReaderBuilds.Sysroot(cpu);
        builds.Published.AssertSucceeded();
        CommandRun RunOnDevice(params string[] arguments) => builds.RunOnDevice(cpu, arguments).AssertExitCode(0);

        Assert.Equal(builds.HostReadings.AssertExitCode(0).Output, RunOnDevice("--json").Output);
        Assert.StartsWith($"meter-digits: kernels {tier},", RunOnDevice().Output);

        var (recorded, answered) = (builds.RecordOnHost(), Path.Combine(builds.PublishFolder, $"{cpu}.cases"));
        RunOnDevice("--replay", recorded, "--answers", answered);
        var comparison = builds.PruneBuild("compare", recorded, answered, "--agreement", "1", "--divergence", "0.000001").AssertExitCode(0).Output;
        Assert.Matches($@"meter-digits for linux-arm64: \S+ \(.*\) against \S*arm64 \({tier},", comparison);
        Assert.Contains("180 cases, ", comparison);
    }

    [Fact]
    public void A_floor_that_the_model_misses_fails_the_build_at_that_floor_and_leaves_the_good_artifact()
    {
        var build = builds.Regressed;
        Assert.True(build.Command.ExitCode != 0, build.Command.Output);
        Assert.Equal([new BuildError("PB4001", builds.HarnessFile, builds.RaisedFloor.Line, builds.RaisedFloor.Column)], build.Errors);
        Assert.Equal(builds.First.Artifact.Files, build.Artifact.Files);
    }

    [GeneratedRegex(@"refused: block\S+ [0-9.]+ us .*, dense\S+ .*[0-9.]+ us ")]
    private static partial Regex RefusalWithNumbers();

    [GeneratedRegex(@"refused: no sparse \w+")]
    private static partial Regex RefusalWithObstacle();

    private static bool IsSparse(string kernel) => PackedFormats.All.Any(format => kernel.StartsWith(format.Name, StringComparison.Ordinal));

    private ArtifactManifest Manifest() => ArtifactManifest.Load(Path.Combine(builds.ArtifactFolder, ArtifactManifest.FileName));
}

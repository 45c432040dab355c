using System.Diagnostics;
using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class WorkerTrouble(PackedFeed feed) : PackageTest(feed)
{
    private string PidFile => Project.Path("obj", "prunebuild", "m", "linux-arm64", "stamp.json.pids");

    [Fact]
    public void A_native_crash_of_the_worker_is_one_coded_error_and_the_last_good_artifact_stays()
    {
        BuildGoodArtifact();
        Project.Write("m.onnx", "quantize abort\n");
        var result = Project.BuildForDevice();
        Assert.Equal(new BuildError("PB9001", Project.Path("app.csproj"), 0, 0), result.SingleError());
        Assert.Contains("something terrible happened", result.Output, StringComparison.Ordinal);
        Assert.Equal(["prune", "quantize"], result.WorkerStarts);
        AssertGoodArtifact();
    }

    [Fact]
    public void A_worker_that_takes_too_long_is_ended_and_the_last_good_artifact_stays()
    {
        BuildGoodArtifact();
        Project.Write("m.onnx", "evaluate hang\n");
        Assert.Equal("PB9002", Project.BuildForDevice("-p:PruneBuildWorkerTimeout=5").SingleError().Code);
        AssertWorkerIsGone();
        AssertGoodArtifact();
    }

    [Fact]
    public void Ctrl_C_ends_the_build_leaves_no_process_behind_and_keeps_the_last_good_artifact()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        BuildGoodArtifact();
        Project.Write("m.onnx", "prune hang\n");

        using var build = Project.Start("build", out var log, "--no-restore", "-r", "linux-arm64");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(PidFile) && new FileInfo(PidFile).Length > 0, TimeSpan.FromMinutes(2)));
        using (var kill = Process.Start("kill", ["-INT", $"{build.ProcessId}"]))
            kill.WaitForExit();
        var result = TestProject.Finish(build, log);

        Assert.Equal("PB9003", result.SingleError().Code);
        AssertWorkerIsGone();
        AssertGoodArtifact();
    }

    private void BuildGoodArtifact()
    {
        Project.WriteUsualApp();
        Project.BuildForDevice().AssertSucceeded();
    }

    private void AssertGoodArtifact() => Assert.StartsWith(
        "score 0.9", File.ReadAllText(Project.DeviceOutput("edge", "m", "model.onnx")), StringComparison.Ordinal);

    private void AssertWorkerIsGone()
    {
        var ids = File.ReadAllText(PidFile).Split(' ').Select(int.Parse);
        Assert.All(ids, id => Assert.True(SpinWait.SpinUntil(() => HasEnded(id), TimeSpan.FromSeconds(10))));
    }

    /// <summary>Ended, or a zombie that only waits for its parent to ask.</summary>
    private static bool HasEnded(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            var status = $"/proc/{id}/status";
            return process.HasExited || (File.Exists(status) && File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return true;
        }
    }
}

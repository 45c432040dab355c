using System.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Pipeline;
using PruneBuild.Pipeline.Tests;
using PruneBuild.Tests;

namespace PruneBuild.Worker.Tests;

public sealed class StageProcessTests
{
    [Fact]
    public void Every_stage_ends_with_a_result_and_the_last_one_leaves_the_artifact()
    {
        using var project = new TinyProject();
        foreach (var stage in StageRunner.Stages)
        {
            var ended = WorkerProcess.Run(project, stage);
            Assert.True(ended.ExitCode == 0, ended.ToString());
            Assert.Equal(("result", stage, true), ((string?)ended.Events[^1]["event"], (string?)ended.Events[^1]["stage"], (bool)ended.Events[^1]["success"]!));
        }
        Assert.True(File.Exists(Path.Combine(project.Request.ArtifactFolder, "manifest.json")));
        Assert.True(File.Exists(project.Request.StampFile));
    }

    [Fact]
    public void A_fault_of_the_user_is_one_diagnostic_with_its_place()
    {
        using var project = new TinyProject();
        project.WriteRecipe("{ \"version\": 1,\n  \"prunes\": 1 }");
        var ended = WorkerProcess.Run(project, "prune");
        Assert.Equal(1, ended.ExitCode);
        Assert.Equal(
            ("PB1011", project.RecipePath, 2, 3),
            ((string?)ended.Error["code"], (string?)ended.Error["file"], (int)ended.Error["line"]!, (int)ended.Error["column"]!));
        Assert.False((bool)ended.Events[^1]["success"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{ "version": 99 }""")]
    public void A_request_it_does_not_understand_is_PB9005(string text)
    {
        using var project = new TinyProject();
        File.WriteAllText(project.RequestPath, text);
        var ended = WorkerProcess.Run(WorkerProcess.StartInfo("stage", "prune", "--request", project.RequestPath));
        Assert.Equal((1, "PB9005"), (ended.ExitCode, (string?)ended.Error["code"]));
    }

    [Fact]
    public void An_artifact_that_cannot_be_written_is_PB6002_and_leaves_nothing_half()
    {
        using var project = new TinyProject();
        // A file where the folder has to be: not even root can write there.
        var blocked = Path.Combine(project.Folder, "blocked");
        File.WriteAllText(blocked, "");
        var ended = WorkerProcess.Run(project, "package", project.Request with { ArtifactFolder = Path.Combine(blocked, "artifact") });
        Assert.Equal((1, "PB6002"), (ended.ExitCode, (string?)ended.Error["code"]));
        Assert.False(File.Exists(project.Request.StampFile));
    }

    [Fact]
    public void A_full_disk_is_PB6002_and_the_last_good_artifact_survives()
    {
        Skips.Unless(OperatingSystem.IsLinux() && CanMount(), "a small file system of its own needs user namespaces");
        using var project = new TinyProject();
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        var good = TinyProject.Snapshot(project.Request.ArtifactFolder);

        var small = Directory.CreateDirectory(Path.Combine(project.Folder, "small")).FullName;
        var request = WorkerProcess.WriteRequest(project, project.Request with { StagesFolder = Path.Combine(small, "stages"), ToolVersion = "full" });
        var worker = string.Join(' ', "dotnet exec", WorkerProcess.Assembly, "stage package --request", request, "--natives", WorkerProcess.WriteNatives(project));
        var ended = WorkerProcess.Run(new ProcessStartInfo(
            "unshare", ["-Urm", "sh", "-c", $"mount -t tmpfs -o size=64k tmpfs {small} && exec {worker}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        Assert.True(ended.ExitCode == 1 && (string?)ended.Error["code"] == "PB6002", ended.ToString());
        Assert.Equal(good, TinyProject.Snapshot(project.Request.ArtifactFolder));
    }

    [Fact]
    public void Running_out_of_memory_is_PB9004()
    {
        using var project = new TinyProject();
        using (var model = OnnxModel.Load(project.ModelPath))
        {
            // Far above the heap limit below.
            model.SetWeight("w2", [TinyProject.Wide, 100_000], new float[TinyProject.Wide * 100_000]);
            model.Save(project.ModelPath);
        }
        var start = WorkerProcess.StartInfo(
            "stage", "prune", "--request", WorkerProcess.WriteRequest(project), "--natives", WorkerProcess.WriteNatives(project));
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x3000000";
        var ended = WorkerProcess.Run(start);
        Assert.True(ended.ExitCode == 4 && (string?)ended.Error["code"] == "PB9004", ended.ToString());
        Assert.Empty(project.Stages("prune"));
    }

    [Fact]
    public void A_worker_whose_build_is_gone_ends()
    {
        using var project = new TinyProject();
        // The worker waits for a lock that another build holds, and that build's parent goes away.
        Directory.CreateDirectory(project.Request.StagesFolder);
        using var parent = Process.Start(new ProcessStartInfo("dotnet", ["exec", WorkerProcess.Assembly, "--help"]) { RedirectStandardOutput = true })!;
        var start = WorkerProcess.StartInfo(
            "stage", "package", "--request", WorkerProcess.WriteRequest(project), "--natives", WorkerProcess.WriteNatives(project));
        start.Environment["PRUNEBUILD_PARENT_PID"] = $"{parent.Id}";
        parent.StandardOutput.ReadToEnd();
        parent.WaitForExit();
        using var held = StageStore.Lock($"{project.Request.ArtifactFolder}.lock", default);
        Assert.Equal(3, WorkerProcess.Run(start).ExitCode);
    }

    private static bool CanMount()
    {
        using var probe = Process.Start(new ProcessStartInfo("unshare", ["-Urm", "true"]) { RedirectStandardError = true })!;
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }
}

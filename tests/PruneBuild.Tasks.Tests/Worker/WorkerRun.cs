using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using PruneBuild.Tasks.Tests.Infrastructure;

namespace PruneBuild.Tasks.Tests.Worker;

/// <summary>One stage of the fake worker, whose model text says how it behaves.</summary>
internal sealed class WorkerRun : IDisposable
{
    private readonly ModelProject? owned;

    private WorkerRun(ModelProject project, ITaskItem model, string stage, int timeoutSeconds, ModelProject? owned)
    {
        this.owned = owned;
        Project = project;
        Model = model;
        Engine = new RecordingBuildEngine();
        Task = new RunPruneBuildWorker
        {
            BuildEngine = Engine,
            Stage = stage,
            Model = model,
            Worker = new TaskItem(Path.Combine(TestHost.FakeWorkerFolder, "prunebuild.dll"), new Dictionary<string, string>
            {
                ["DotNetHost"] = TestHost.DotNetHost,
                ["NativesFile"] = project.Folder.Path("natives.json"),
                ["ProjectFile"] = project.ProjectFile,
                ["DocsFolder"] = project.Folder.Path("docs"),
                ["TimeoutSeconds"] = $"{timeoutSeconds}",
            }),
        };
    }

    public ModelProject Project { get; }

    public ITaskItem Model { get; }

    public RecordingBuildEngine Engine { get; }

    public RunPruneBuildWorker Task { get; }

    /// <summary>The processes of a worker that hangs: itself and its child.</summary>
    public IReadOnlyList<int> HangingProcesses => [.. File.ReadAllText(PidFile).Split(' ').Select(int.Parse)];

    private string PidFile => Model.GetMetadata("StampFile") + ".pids";

    /// <summary>A run of a new project whose model is <paramref name="script"/>.</summary>
    public static WorkerRun Script(string script, string stage = "prune", int timeoutSeconds = 0, string projectText = "<Project />")
    {
        var project = new ModelProject(projectText);
        project.Folder.Write("m.onnx", script);
        return new WorkerRun(project, Assert.Single(project.Resolve(project.Item("m.onnx")).Models), stage, timeoutSeconds, project);
    }

    public static WorkerRun Of(ModelProject project, ITaskItem model, string stage) => new(project, model, stage, 0, null);

    public void WaitUntilHanging()
    {
        Assert.True(SpinWait.SpinUntil(() => File.Exists(PidFile) && new FileInfo(PidFile).Length > 0, TimeSpan.FromSeconds(60)));
    }

    public void Dispose() => owned?.Dispose();
}

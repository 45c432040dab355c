using Microsoft.Build.Framework;

namespace PruneBuild.Tasks.Tests.Infrastructure;

/// <summary>A project on disk with models, run through <see cref="ResolveModelReferences"/>.</summary>
internal sealed class ModelProject : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ModelProject(string projectText = "<Project />") => ProjectFile = folder.Write("app.csproj", projectText);

    public string ProjectFile { get; }

    public RecordingBuildEngine Engine { get; } = new();

    public TemporaryFolder Folder => folder;

    public string IntermediateFolder => folder.Path("obj", "prunebuild");

    public ProjectItem Item(string include, params (string Name, string Value)[] metadata) => new(include, ProjectFile, metadata);

    public ResolveModelReferences Resolve(params ITaskItem[] items) => Resolve("linux-x64", items);

    public ResolveModelReferences Resolve(string rid, params ITaskItem[] items)
    {
        var task = new ResolveModelReferences
        {
            BuildEngine = Engine,
            ModelReferences = items,
            ProjectFile = ProjectFile,
            Rid = rid,
            IntermediateFolder = IntermediateFolder,
            WorkerFolder = TestHost.FakeWorkerFolder,
            RepeatWarnings = RepeatWarnings,
        };
        Succeeded = task.Execute();
        return task;
    }

    public bool Succeeded { get; private set; }

    public bool RepeatWarnings { get; set; } = true;

    /// <summary>The one error, after a resolve that must have failed with it alone.</summary>
    public BuildErrorEventArgs SingleError()
    {
        Assert.False(Succeeded);
        return Assert.Single(Engine.Errors);
    }

    public void Dispose() => folder.Dispose();
}

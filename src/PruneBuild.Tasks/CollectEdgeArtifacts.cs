using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using PruneBuild.Tasks.Stamps;

namespace PruneBuild.Tasks;

/// <summary>Lists the files of the finished artifacts, as their stamps record them.</summary>
[MSBuildMultiThreadableTask]
public sealed class CollectEdgeArtifacts : Microsoft.Build.Utilities.Task
{
    /// <summary>The models of <see cref="ResolveModelReferences.Models"/>.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The project, absolute.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The folder with one page per error code.</summary>
    public string? DocsFolder { get; set; }

    /// <summary>Every artifact file, with TargetPath (below the output folder) and PackagePath (inside a NuGet package).</summary>
    [Output]
    public ITaskItem[] Files { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        var log = new DiagnosticLog(Log, ProjectFile, DocsFolder);
        var files = new List<ITaskItem>();
        foreach (var model in Models)
        {
            var stampFile = model.GetMetadata("StampFile");
            if (Stamp.TryRead(stampFile) is { } stamp)
                files.AddRange(stamp.Outputs.Select(output => Item(model, output)));
            else
                log.Error("PB9005", $"it finished '{model.GetMetadata("Name")}' without a stamp at '{stampFile}'.");
        }
        Files = [.. files];
        return !Log.HasLoggedErrors;
    }

    private static TaskItem Item(ITaskItem model, StampOutput output)
    {
        var path = output.Path.Replace('\\', '/');
        return OutputItem.Create(Path.Combine(model.GetMetadata("ArtifactFolder"), path), new Dictionary<string, string>
        {
            ["TargetPath"] = $"{model.GetMetadata("TargetPath")}/{path}",
            ["PackagePath"] = $"edge/{model.GetMetadata("Rid")}/{model.GetMetadata("Name")}/{path}",
        });
    }
}

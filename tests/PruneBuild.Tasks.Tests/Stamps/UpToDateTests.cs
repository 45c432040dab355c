using Microsoft.Build.Framework;
using PruneBuild.Tasks.Tests.Infrastructure;
using PruneBuild.Tasks.Tests.Worker;

namespace PruneBuild.Tasks.Tests.Stamps;

/// <summary>Each test builds the artifact once, changes one thing and asks whether the model must be built again.</summary>
public sealed class UpToDateTests
{
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_model_without_an_artifact_is_pending()
    {
        using var built = new ModelProject();
        built.Folder.Write("m.onnx", "score 1\n");
        Assert.Single(built.Resolve(built.Item("m.onnx")).PendingModels);
    }

    [Fact]
    public void An_unchanged_model_is_up_to_date() => AssertPending(false, _ => { });

    [Fact]
    public void A_touched_model_with_the_same_content_is_up_to_date() =>
        AssertPending(false, project => File.SetLastWriteTimeUtc(project.Folder.Path("m.onnx"), LongAgo));

    [Fact]
    public void A_model_replaced_by_an_older_file_of_the_same_length_is_pending() =>
        AssertPending(true, project =>
        {
            project.Folder.Write("m.onnx", "score 2\ndata d.bin\n");
            File.SetLastWriteTimeUtc(project.Folder.Path("m.onnx"), LongAgo);
        });

    [Fact]
    public void A_changed_data_file_is_pending() => AssertPending(true, project => project.Folder.Write("d.bin", "DATA"));

    [Fact]
    public void A_missing_data_file_is_pending() => AssertPending(true, project => File.Delete(project.Folder.Path("d.bin")));

    [Fact]
    public void A_changed_artifact_file_is_pending() =>
        AssertPending(true, project => File.WriteAllText(ArtifactFile(project), "score 9\ndata d.bin\n"));

    [Fact]
    public void A_missing_artifact_file_is_pending() => AssertPending(true, project => File.Delete(ArtifactFile(project)));

    [Fact]
    public void A_damaged_stamp_is_pending() =>
        AssertPending(true, project => File.WriteAllText(Path.Combine(project.IntermediateFolder, "m", "linux-x64", "stamp.json"), "{\"version\":1}"));

    [Theory]
    [InlineData("2020-01-01", true)]
    [InlineData("9999-12-31", false)]
    public void A_model_whose_waiver_has_ended_is_pending(string lastDay, bool pending) => AssertPending(pending, project =>
    {
        var path = Path.Combine(project.IntermediateFolder, "m", "linux-x64", "stamp.json");
        var stamp = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        stamp["validUntil"] = lastDay;
        File.WriteAllText(path, stamp.ToJsonString());
    });

    [Fact]
    public void A_changed_option_is_pending() => AssertPending(true, _ => { }, ("Prune", "8x4:0.5"));

    [Fact]
    public void Another_runtime_identifier_is_pending()
    {
        using var project = Build();
        Assert.Single(project.Resolve("linux-arm64", project.Item("m.onnx")).PendingModels);
    }

    [Fact]
    public void A_refreshed_stamp_remembers_the_new_timestamp_and_keeps_what_the_worker_wrote()
    {
        using var project = Build();
        File.SetLastWriteTimeUtc(project.Folder.Path("m.onnx"), LongAgo);
        var model = Assert.Single(project.Resolve(project.Item("m.onnx")).Models);
        var stamp = File.ReadAllText(model.GetMetadata("StampFile"));
        Assert.Contains($"{LongAgo.Ticks}", stamp, StringComparison.Ordinal);
        Assert.Contains("\"role\"", stamp, StringComparison.Ordinal);
    }

    [Fact]
    public void The_artifact_files_come_from_the_stamp()
    {
        using var project = Build();
        var models = project.Resolve("linux-x64", project.Item("m.onnx")).Models;
        var collect = new CollectEdgeArtifacts { BuildEngine = project.Engine, Models = models, ProjectFile = project.ProjectFile };
        Assert.True(collect.Execute());
        var file = Assert.Single(collect.Files);
        Assert.Equal(
            (ArtifactFile(project), "edge/m/model.onnx", "edge/linux-x64/m/model.onnx"),
            (file.ItemSpec, file.GetMetadata("TargetPath"), file.GetMetadata("PackagePath")));
    }

    [Fact]
    public void A_model_whose_worker_left_no_stamp_is_an_error()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "score 1\n");
        var models = project.Resolve(project.Item("m.onnx")).Models;
        var collect = new CollectEdgeArtifacts { BuildEngine = project.Engine, Models = models, ProjectFile = project.ProjectFile };
        Assert.False(collect.Execute());
        Assert.Equal("PB9005", Assert.Single(project.Engine.Errors).Code);
    }

    private static void AssertPending(bool pending, Action<ModelProject> change, params (string Name, string Value)[] metadata)
    {
        using var project = Build();
        change(project);
        Assert.Equal(pending ? 1 : 0, project.Resolve(project.Item("m.onnx", metadata)).PendingModels.Length);
    }

    internal static ModelProject Build(string projectText = "<Project />")
    {
        var project = new ModelProject(projectText);
        project.Folder.Write("m.onnx", "score 1\ndata d.bin\n");
        project.Folder.Write("d.bin", "data");
        ITaskItem model = Assert.Single(project.Resolve(project.Item("m.onnx")).Models);
        Assert.True(WorkerRun.Of(project, model, "package").Task.Execute());
        return project;
    }

    private static string ArtifactFile(ModelProject project) =>
        Path.Combine(project.IntermediateFolder, "m", "linux-x64", "artifact", "model.onnx");
}

using System.Text.Json;
using System.Text.Json.Nodes;
using PruneBuild.Tasks.Tests.Infrastructure;

namespace PruneBuild.Tasks.Tests.Stamps;

/// <summary>Warnings that the worker gave once are part of what is known about the artifact.</summary>
public sealed class StampWarningTests
{
    private const string ProjectText =
        """
        <Project>
          <ItemGroup>
            <ModelReference Include="m.onnx" />
          </ItemGroup>
        </Project>
        """;

    [Fact]
    public void An_up_to_date_model_gives_its_warnings_again()
    {
        using var project = Build(file => new { code = "PB4003", message = "no floor {0} %41", file = file + ".harness", line = 7, column = 5 });
        Assert.Empty(project.Resolve(project.Item("m.onnx")).PendingModels);
        var warning = Assert.Single(project.Engine.Warnings);
        Assert.Equal(
            ("PB4003", "no floor {0} %41", project.ProjectFile + ".harness", 7, 5),
            (warning.Code, warning.Message, warning.File, warning.LineNumber, warning.ColumnNumber));
        Assert.Empty(project.Engine.Errors);
    }

    [Fact]
    public void A_warning_that_blames_the_project_gets_the_line_of_the_item()
    {
        using var project = Build(file => new { code = "PB4003", message = "no floor", file });
        project.Resolve(project.Item("m.onnx"));
        var warning = Assert.Single(project.Engine.Warnings);
        Assert.Equal((project.ProjectFile, 3, 6), (warning.File, warning.LineNumber, warning.ColumnNumber));
    }

    [Fact]
    public void A_pending_model_leaves_the_warnings_to_its_worker()
    {
        using var project = Build(file => new { code = "PB4003", message = "no floor", file });
        project.Folder.Write("d.bin", "DATA");
        Assert.Single(project.Resolve(project.Item("m.onnx")).PendingModels);
        Assert.Empty(project.Engine.Warnings);
    }

    [Fact]
    public void Only_one_of_several_target_frameworks_gives_them_again()
    {
        using var project = Build(file => new { code = "PB4003", message = "no floor", file });
        project.RepeatWarnings = false;
        project.Resolve(project.Item("m.onnx"));
        Assert.Empty(project.Engine.Warnings);
    }

    [Fact]
    public void A_stamp_without_warnings_is_a_stamp()
    {
        using var project = Build(_ => null);
        Assert.Empty(project.Resolve(project.Item("m.onnx")).PendingModels);
        Assert.Empty(project.Engine.Warnings);
    }

    /// <summary>A project whose model is built, with a stamp that has the given warning, or no list of warnings at all.</summary>
    private static ModelProject Build(Func<string, object?> warning)
    {
        var project = UpToDateTests.Build(ProjectText);
        var file = Path.Combine(project.IntermediateFolder, "m", "linux-x64", "stamp.json");
        var stamp = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        stamp.Remove("warnings");
        if (warning(project.ProjectFile) is { } value)
            stamp["warnings"] = new JsonArray(JsonSerializer.SerializeToNode(value));
        File.WriteAllText(file, stamp.ToJsonString());
        return project;
    }
}

using System.Text.Json;
using PruneBuild.Tasks.Tests.Infrastructure;

namespace PruneBuild.Tasks.Tests.ModelReferences;

public sealed class RequestTests
{
    [Fact]
    public void The_request_says_everything_the_worker_needs_with_absolute_paths()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Folder.Write("r.json", "{}");
        project.Folder.Write("eval/h.json", "{}");
        var model = Assert.Single(project.Resolve(
            "linux-arm64",
            project.Item("m.onnx", ("Recipe", "r.json"), ("Harness", "eval\\h.json"), ("Prune", "8x4:0.8"), ("Quantize", "INT8"), ("Device", "pi5"))).Models);

        var request = JsonDocument.Parse(File.ReadAllText(model.GetMetadata("RequestFile"))).RootElement;
        Assert.Equal(
            ["version", "name", "model", "recipe", "harness", "prune", "quantize", "rid", "device", "stagesFolder", "artifactFolder",
                "stampFile", "threads", "toolVersion", "workerHash", "position", "inconclusive", "reports", "measurements"],
            request.EnumerateObject().Select(property => property.Name));
        Assert.Equal(1, request.GetProperty("version").GetInt32());
        Assert.Equal("m", request.GetProperty("name").GetString());
        Assert.Equal(project.Folder.Path("m.onnx"), request.GetProperty("model").GetString());
        Assert.Equal(project.Folder.Path("r.json"), request.GetProperty("recipe").GetString());
        Assert.Equal(project.Folder.Path("eval", "h.json"), request.GetProperty("harness").GetString());
        Assert.Equal("8x4:0.8", request.GetProperty("prune").GetString());
        Assert.Equal("int8", request.GetProperty("quantize").GetString());
        Assert.Equal("linux-arm64", request.GetProperty("rid").GetString());
        Assert.Equal("pi5", request.GetProperty("device").GetString());
        Assert.Equal(Path.Combine(project.IntermediateFolder, "m", "stages"), request.GetProperty("stagesFolder").GetString());
        Assert.Equal(Path.Combine(project.IntermediateFolder, "m", "linux-arm64", "artifact"), request.GetProperty("artifactFolder").GetString());
        Assert.Equal(Path.Combine(project.IntermediateFolder, "m", "linux-arm64", "stamp.json"), request.GetProperty("stampFile").GetString());
        Assert.Equal(project.ProjectFile, request.GetProperty("position").GetProperty("file").GetString());
        Assert.Equal("fail", request.GetProperty("inconclusive").GetString());
        Assert.Equal(["html"], request.GetProperty("reports").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public void What_is_not_asked_for_is_null()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var model = Assert.Single(project.Resolve(project.Item("m.onnx")).Models);
        var request = JsonDocument.Parse(File.ReadAllText(model.GetMetadata("RequestFile"))).RootElement;
        Assert.All(
            ["recipe", "harness", "prune", "quantize", "device"],
            name => Assert.Equal(JsonValueKind.Null, request.GetProperty(name).ValueKind));
    }

    [Fact]
    public void An_unchanged_request_is_not_written_again()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var request = Assert.Single(project.Resolve(project.Item("m.onnx")).Models).GetMetadata("RequestFile");
        var longAgo = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(request, longAgo);
        project.Resolve(project.Item("m.onnx"));
        Assert.Equal(longAgo, File.GetLastWriteTimeUtc(request));
    }

    [Theory]
    [InlineData("html", "html")]
    [InlineData(" trx ; HTML;junit;html ", "html junit trx")]
    [InlineData("markdown,sarif", "sarif markdown")]
    [InlineData("none", "")]
    [InlineData("None", "")]
    public void Reports_are_named_in_one_order_whatever_the_spelling(string value, string names)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var task = WithReports(project, value);
        Assert.True(task.Execute());
        var request = JsonDocument.Parse(File.ReadAllText(Assert.Single(task.Models).GetMetadata("RequestFile"))).RootElement;
        Assert.Equal(names, string.Join(' ', request.GetProperty("reports").EnumerateArray().Select(name => name.GetString())));
    }

    [Theory]
    [InlineData("pdf")]
    [InlineData("html;none")]
    public void An_unknown_report_is_an_error_of_the_project(string value)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        Assert.False(WithReports(project, value).Execute());
        var error = Assert.Single(project.Engine.Errors);
        Assert.Equal(("PB1012", project.ProjectFile), (error.Code, error.File));
        Assert.Contains("html, sarif, junit, trx, markdown", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measurements_are_absolute_and_in_one_order_whatever_the_spelling()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var task = WithReports(project, "none");
        task.Measurements = ["eval/b.json", Path.Combine(Path.GetDirectoryName(project.ProjectFile)!, "a.json"), "a.json"];
        Assert.True(task.Execute());
        var request = JsonDocument.Parse(File.ReadAllText(Assert.Single(task.Models).GetMetadata("RequestFile"))).RootElement;
        Assert.Equal(
            [Path.GetFullPath("a.json", Path.GetDirectoryName(project.ProjectFile)!), Path.GetFullPath("eval/b.json", Path.GetDirectoryName(project.ProjectFile)!)],
            request.GetProperty("measurements").EnumerateArray().Select(file => file.GetString()));
    }

    [Fact]
    public void A_wrong_inconclusive_policy_is_an_error()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var task = new ResolveModelReferences
        {
            BuildEngine = project.Engine,
            ModelReferences = [project.Item("m.onnx")],
            ProjectFile = project.ProjectFile,
            Rid = "linux-x64",
            IntermediateFolder = project.IntermediateFolder,
            WorkerFolder = TestHost.FakeWorkerFolder,
            Inconclusive = "maybe",
        };
        Assert.False(task.Execute());
        Assert.Equal("PB1012", Assert.Single(project.Engine.Errors).Code);
    }

    private static ResolveModelReferences WithReports(ModelProject project, string reports) => new()
    {
        BuildEngine = project.Engine,
        ModelReferences = [project.Item("m.onnx")],
        ProjectFile = project.ProjectFile,
        Rid = "linux-x64",
        IntermediateFolder = project.IntermediateFolder,
        WorkerFolder = TestHost.FakeWorkerFolder,
        Reports = reports,
    };
}

using PruneBuild.Tasks.Tests.Infrastructure;

namespace PruneBuild.Tasks.Tests.ModelReferences;

public sealed class ValidationTests
{
    [Fact]
    public void A_valid_item_becomes_a_model_named_after_its_file()
    {
        using var project = new ModelProject();
        project.Folder.Write("models/digits.onnx", "x");
        var task = project.Resolve(project.Item("models/digits.onnx"));
        var model = Assert.Single(task.Models);
        Assert.Equal(("digits", "edge/digits"), (model.GetMetadata("Name"), model.GetMetadata("TargetPath")));
    }

    [Fact]
    public void An_explicit_TargetPath_names_the_model()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        var model = Assert.Single(project.Resolve(project.Item("m.onnx", ("TargetPath", "nets\\reader/"))).Models);
        Assert.Equal(("reader", "nets/reader"), (model.GetMetadata("Name"), model.GetMetadata("TargetPath")));
    }

    [Theory]
    [InlineData("models/Qwen2.5-0.5B/", "model.safetensors")]
    [InlineData("models/Qwen2.5-0.5B", "model.safetensors.index.json")]
    public void A_folder_in_Hugging_Face_layout_is_a_model_named_after_it(string include, string weights)
    {
        using var project = new ModelProject();
        project.Folder.Write("models/Qwen2.5-0.5B/config.json", "{}");
        project.Folder.Write($"models/Qwen2.5-0.5B/{weights}", "x");
        var model = Assert.Single(project.Resolve(project.Item(include)).Models);
        Assert.Equal(("Qwen2.5-0.5B", "edge/Qwen2.5-0.5B"), (model.GetMetadata("Name"), model.GetMetadata("TargetPath")));
        Assert.Equal(project.Folder.Path("models", "Qwen2.5-0.5B"), model.ItemSpec);
    }

    [Theory]
    [InlineData("config.json", "model.safetensors")]
    [InlineData("pytorch_model.bin", "config.json")]
    public void A_folder_that_lacks_config_or_weights_is_reported_at_its_line(string there, string missing)
    {
        using var project = new ModelProject("<Project>\n  <ItemGroup>\n    <ModelReference Include=\"models/m/\" />\n  </ItemGroup>\n</Project>");
        project.Folder.Write($"models/m/{there}", "x");
        project.Resolve(project.Item("models/m/"));
        var error = project.SingleError();
        Assert.Equal(("PB2020", project.ProjectFile, 3), (error.Code, error.File, error.LineNumber));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_metadata_is_reported_at_its_attribute()
    {
        using var project = new ModelProject(
            """
            <Project>
              <ItemGroup>
                <ModelReference Include="a.onnx" />
                <ModelReference Include="m.onnx" Prnue="8x4:0.8" />
              </ItemGroup>
            </Project>
            """);
        project.Folder.Write("m.onnx", "x");
        project.Resolve(project.Item("m.onnx", ("Prnue", "8x4:0.8")));
        var error = project.SingleError();
        Assert.Equal(("PB1001", project.ProjectFile, 4, 38), (error.Code, error.File, error.LineNumber, error.ColumnNumber));
    }

    [Fact]
    public void Metadata_written_as_an_element_of_a_wildcard_item_is_found()
    {
        using var project = new ModelProject(
            """
            <Project>
              <ItemGroup>
                <ModelReference Include="models/*.onnx">
                  <Quantize>int3</Quantize>
                </ModelReference>
              </ItemGroup>
            </Project>
            """);
        project.Folder.Write("models/m.onnx", "x");
        project.Resolve(project.Item("models/m.onnx", ("Quantize", "int3")));
        var error = project.SingleError();
        Assert.Equal(("PB1002", 4, 8), (error.Code, error.LineNumber, error.ColumnNumber));
    }

    [Theory]
    [InlineData("_Private")]
    [InlineData("MSBuildSourceProjectFile")]
    [InlineData("Visible")]
    public void Metadata_that_is_not_ours_is_left_alone(string name)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Resolve(project.Item("m.onnx", (name, "whatever")));
        Assert.True(project.Succeeded);
    }

    [Theory]
    [InlineData("Prune", "8x4", "PB1002")]
    [InlineData("Prune", ":0.5", "PB1002")]
    [InlineData("Prune", "8x4:lots", "PB1002")]
    [InlineData("Prune", "8x4:1.5", "PB1014")]
    [InlineData("Prune", "8x4:-0.1", "PB1014")]
    [InlineData("Prune", "8x4:NaN", "PB1014")]
    [InlineData("Quantize", "int3", "PB1002")]
    [InlineData("Recipe", "gone.json", "PB1003")]
    [InlineData("Harness", "gone.json", "PB1003")]
    [InlineData("TargetPath", "../outside", "PB1002")]
    [InlineData("TargetPath", "/etc/edge", "PB1002")]
    [InlineData("TargetPath", "C:/edge", "PB1002")]
    [InlineData("TargetPath", "edge//m", "PB1002")]
    public void A_wrong_value_has_its_code(string metadata, string value, string code)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Resolve(project.Item("m.onnx", (metadata, value)));
        Assert.Equal(code, project.SingleError().Code);
    }

    [Theory]
    [InlineData("8x4:0.8")]
    [InlineData("unstructured:0.5")]
    [InlineData("2:4")]
    [InlineData("8x4:0")]
    [InlineData("8x4:1")]
    public void A_valid_pruning_short_form_passes(string prune)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Resolve(project.Item("m.onnx", ("Prune", prune)));
        Assert.True(project.Succeeded);
    }

    [Fact]
    public void A_missing_model_is_reported_at_its_item()
    {
        using var project = new ModelProject(
            """
            <Project>
              <ItemGroup>
                <ModelReference Include="gone.onnx" />
              </ItemGroup>
            </Project>
            """);
        project.Resolve(project.Item("gone.onnx"));
        var error = project.SingleError();
        Assert.Equal(("PB2001", 3, 6), (error.Code, error.LineNumber, error.ColumnNumber));
    }

    [Fact]
    public void Two_models_of_one_name_are_an_error_even_when_only_the_case_differs()
    {
        using var project = new ModelProject();
        project.Folder.Write("a/m.onnx", "x");
        project.Folder.Write("b/M.onnx", "x");
        project.Resolve(project.Item("a/m.onnx"), project.Item("b/M.onnx"));
        Assert.Equal("PB1004", project.SingleError().Code);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Resolve(project.Item("m.onnx", ("Prune", "8x4"), ("Recipe", "gone.json")), project.Item("gone.onnx"));
        Assert.Equal(["PB1002", "PB1003", "PB2001"], project.Engine.Errors.Select(error => error.Code).Order());
    }

    [Theory]
    [InlineData("linux-musl-x64", "PB6001")]
    [InlineData("osx-x64", "PB6001")]
    [InlineData("amiga-68k", "PB1020")]
    public void A_runtime_identifier_without_natives_or_unknown_is_an_error(string rid, string code)
    {
        using var project = new ModelProject();
        project.Folder.Write("m.onnx", "x");
        project.Resolve(rid, project.Item("m.onnx"));
        var error = project.SingleError();
        Assert.Equal((code, project.ProjectFile), (error.Code, error.File));
    }

    [Fact]
    public void A_path_with_braces_and_percent_signs_survives()
    {
        using var project = new ModelProject();
        project.Folder.Write("odd {0} %41/m.onnx", "x");
        var model = Assert.Single(project.Resolve(project.Item("odd {0} %41/m.onnx")).Models);
        Assert.Equal(project.Folder.Path("odd {0} %41", "m.onnx"), model.ItemSpec);
    }

    [Fact]
    public void A_missing_worker_is_an_error()
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
            WorkerFolder = project.Folder.Path("nowhere"),
        };
        Assert.False(task.Execute());
        Assert.Equal("PB9006", Assert.Single(project.Engine.Errors).Code);
    }
}

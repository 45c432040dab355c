using PruneBuild.Package.Tests.Infrastructure;
using PruneBuild.Tests;

namespace PruneBuild.Package.Tests;

/// <summary>The packages as they ship, with the real worker and a real, if tiny, model.</summary>
public sealed class RealModel : PackageTest
{
    private const string Item = """<ModelReference Include="tiny.onnx" Prune="8x4:0.7" Harness="harness.json" />""";

    public RealModel(PackedFeed feed)
        : base(feed) => Project.Properties.RemoveAll(property => property.StartsWith("PruneBuildWorkerFolder", StringComparison.Ordinal));

    [Fact]
    public void An_application_loads_and_runs_the_model_that_its_build_compressed()
    {
        TinyClassifier.Write(Project, "0.8");
        Project.WriteApp(Item, reference: $"""
            <PackageReference Include="PruneBuild" Version="{Project.Version}" PrivateAssets="all" />
            <PackageReference Include="PruneBuild.Runtime" Version="{Project.Version}" />
            """);
        Project.Write(
            "Program.cs",
            """
            var input = new float[32];
            input[7] = 1;
            using var model = PruneBuild.Runtime.EdgeModel.Load("tiny");
            var logits = model.Run(input, [1, 32]);
            System.Console.WriteLine($"answer {System.Array.IndexOf(logits, System.Linq.Enumerable.Max(logits))}");
            """);
        Project.Build("-r", TestHost.HostRid, "--no-self-contained").AssertSucceeded();

        var (exitCode, output) = DotNet.Run(Project.Root, Project.Path("bin", "Debug", "net10.0", TestHost.HostRid, "app.dll"));
        Assert.True(exitCode == 0, output);
        Assert.Contains("answer 7", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_language_model_in_a_folder_is_imported_and_ships_with_its_tokenizer()
    {
        TinyCheckpoint.Of("llama-small-heads").Write(Project.Path("models", "assistant"), "BF16", 2);
        Project.Write("models/assistant/tokenizer.json", "{}");
        Project.WriteApp("""<ModelReference Include="models/assistant/" Quantize="int8" />""");
        Project.BuildForDevice().AssertSucceeded();
        Assert.All(
            ["model.onnx", "genai_config.json", "tokenizer.json", "manifest.json"],
            file => Assert.True(File.Exists(Project.DeviceOutput("edge", "assistant", file)), file));
        Assert.Empty(Project.BuildForDevice().AssertSucceeded().WorkerStarts);

        File.Delete(Project.Path("models", "assistant", "config.json"));
        Assert.Equal("PB2020", Project.BuildForDevice().SingleError().Code);
    }

    [Fact]
    public void A_raised_floor_fails_at_its_place_until_it_is_lowered_again()
    {
        TinyClassifier.Write(Project, "0.8");
        Project.WriteApp(Item);
        Project.BuildForDevice().AssertSucceeded();
        Assert.Empty(Project.BuildForDevice().AssertSucceeded().WorkerStarts);

        TinyClassifier.WriteHarness(Project, "0.98");
        for (var build = 0; build < 2; build++)
        {
            var error = Project.BuildForDevice().SingleError();
            Assert.Equal(("PB4001", Project.Path("harness.json"), 5), (error.Code, error.File, error.Line));
        }

        TinyClassifier.WriteHarness(Project, "0.8");
        Project.BuildForDevice().AssertSucceeded();
    }

    [Theory]
    [InlineData("fail", false)]
    [InlineData("warn", true)]
    public void A_floor_without_a_clear_answer_does_what_the_project_says(string policy, bool succeeds)
    {
        TinyClassifier.Write(Project, "0.9");
        Project.WriteApp(Item);
        var result = Project.BuildForDevice($"-p:PruneBuildInconclusive={policy}");
        Assert.Equal(succeeds, result.ExitCode == 0);
        Assert.Contains("PB4002", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_that_misses_a_floor_leaves_the_reports_that_the_project_asks_for_and_says_where()
    {
        TinyClassifier.Write(Project, "0.98");
        Project.WriteApp(Item);
        var result = Project.BuildForDevice("-p:PruneBuildReports=html%3Bsarif%3Bjunit%3Btrx%3Bmarkdown");
        Assert.Equal("PB4001", result.SingleError().Code);
        var folder = Project.Path("obj", "prunebuild", "tiny", "linux-arm64");
        Assert.All(["report.html", "summary.md", "verdict.junit.xml", "verdict.sarif", "verdict.trx"], file =>
        {
            Assert.True(File.Exists(Path.Combine(folder, file)), file);
            Assert.Contains($"report: {Path.Combine(folder, file)}", result.Output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_warning_of_the_gate_is_given_again_while_nothing_changes()
    {
        TinyClassifier.Write(Project, "0.9");
        Project.WriteApp(Item);
        Project.BuildForDevice("-p:PruneBuildInconclusive=warn").AssertSucceeded();
        var second = Project.BuildForDevice("-p:PruneBuildInconclusive=warn").AssertSucceeded();
        Assert.Empty(second.WorkerStarts);
        Assert.Contains("harness.json(5,", second.Output, StringComparison.Ordinal);
        Assert.Contains("warning PB4002", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_is_an_error_of_that_file()
    {
        Project.WriteApp("""<ModelReference Include="tiny.onnx" />""");
        Project.Write("tiny.onnx", "this is no protobuf message");
        var error = Project.BuildForDevice().SingleError();
        Assert.Equal(("PB2003", Project.Path("tiny.onnx")), (error.Code, error.File));
    }
}

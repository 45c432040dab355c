using PruneBuild.Runtime;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>A language model from a folder in Hugging Face layout to a device, on a copy of the repository.</summary>
[Collection(SamplesOfOneClone.Name)]
public sealed class HomeAssistantTests(HomeAssistantBuilds builds) : IClassFixture<HomeAssistantBuilds>
{
    private const int Weights = 1_205_632;

    [Fact]
    public void The_assistant_is_published_with_its_tokenizer_and_without_a_warning()
    {
        var build = builds.Published.AssertSucceeded();
        Assert.DoesNotMatch(@"\bwarning \w+\d+:", build.Log);
        Assert.Superset(
            new HashSet<string> { "genai_config.json", "manifest.json", "model.onnx", "tokenizer.json", "tokenizer_config.json", "verdict.json" },
            Directory.EnumerateFiles(builds.PublishedArtifact).Select(file => Path.GetFileName(file)).ToHashSet());
    }

    [Fact]
    public void Every_floor_is_cleared_at_a_sixth_of_the_weights_as_float_or_less()
    {
        builds.Published.AssertSucceeded();
        var manifest = ArtifactManifest.Load(Path.Combine(builds.PublishedArtifact, ArtifactManifest.FileName));
        Assert.Equal(("pass", "linux-arm64"), (manifest.Verdict, manifest.Rid));
        Assert.True(manifest.Sizes.ArtifactBytes * 6 <= Weights * sizeof(float), manifest.Sizes.ToString());
        Assert.Contains(manifest.Layers, layer => layer.Kernel.StartsWith("block8x4.int4", StringComparison.Ordinal));
    }

    [Fact]
    public void The_second_time_nothing_is_done()
    {
        var before = FilesAfter(builds.Published);
        Assert.Empty(builds.Again.AssertSucceeded().WorkerStarts);
        Assert.Equal(before, FilesAfter(builds.Again));
    }

    [Fact]
    public void The_app_answers_its_everyday_sentences_right() => builds.RunOnHost("--demonstrate").AssertExitCode(0);

    [Theory]
    [InlineData("cortex-a72")]
    [InlineData("cortex-a76")]
    public void On_the_device_it_says_what_it_says_here(string cpu)
    {
        SampleBuilds.Sysroot(cpu);
        builds.Published.AssertSucceeded();
        Assert.Equal(builds.RunOnHost("--demonstrate", "--json").Output, builds.RunOnDevice(cpu, "--demonstrate", "--json").AssertExitCode(0).Output);
    }

    [Fact]
    public void The_recipe_that_forgets_what_is_rare_keeps_the_everyday_and_is_stopped()
    {
        var build = builds.Collapsed;
        Assert.NotEqual(0, build.Command.ExitCode);
        Assert.Contains(build.Errors, error => error.Code == "PB4001");
        // Where 200 sentences cannot tell, that is an error of its own.
        Assert.All(build.Errors, error => Assert.True(error is { Code: "PB4001" or "PB4002" } && error.File == builds.HarnessFile, error.ToString()));
        Assert.Contains("instruction_following on 'edge' drop ", build.Command.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(build.Command.Output.Split('\n'), line => line.Contains("error PB400", StringComparison.Ordinal) && line.Contains("on 'common'", StringComparison.Ordinal));
    }

    private IReadOnlyList<FileState> FilesAfter(BuildRun build)
    {
        build.AssertSucceeded();
        return FolderState.Of(builds.PublishedArtifact).Files;
    }
}

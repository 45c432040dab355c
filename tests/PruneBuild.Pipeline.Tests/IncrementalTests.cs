namespace PruneBuild.Pipeline.Tests;

public sealed class IncrementalTests
{
    [Fact]
    public void A_second_run_makes_no_stage_again()
    {
        using var project = new TinyProject();
        project.Build();
        string Times() => string.Join("\n", Directory.EnumerateDirectories(project.Request.StagesFolder)
            .Order(StringComparer.Ordinal).Select(folder => $"{folder} {Directory.GetLastWriteTimeUtc(folder):O}"));
        var before = Times();
        project.Build();
        Assert.Equal(before, Times());
        Assert.All(project.ProgressLines, line => Assert.True(
            line.StartsWith("evaluate: floor cleared", StringComparison.Ordinal) || line.StartsWith("package: ", StringComparison.Ordinal), line));
    }

    [Fact]
    public void Another_RID_shares_the_pruned_and_quantized_model()
    {
        using var project = new TinyProject();
        project.Build();
        var other = TinyProject.HostRid == "linux-arm64" ? "linux-x64" : "linux-arm64";
        project.Build(project.Request with
        {
            Rid = other,
            ArtifactFolder = Path.Combine(project.Folder, "obj", other, "artifact"),
            StampFile = Path.Combine(project.Folder, "obj", other, "stamp.json"),
        });
        Assert.Single(project.Stages("prune"));
        Assert.Single(project.Stages("quantize"));
        Assert.Equal(2, project.Stages("select").Count);
        Assert.Single(project.Stages("parent"));
    }

    public static TheoryData<string, string[]> Mutations => new()
    {
        { "model", ["prune", "quantize", "select", "parent", "candidate"] },
        { "recipe: sparsity", ["prune", "quantize", "select", "candidate"] },
        { "recipe: precision", ["quantize", "select", "candidate"] },
        { "recipe: batch", ["select", "candidate"] },
        { "device", ["select", "candidate"] },
        { "cases", ["parent", "candidate"] },
        { "labels", ["parent", "candidate"] },
        { "harness: batch size", ["parent", "candidate"] },
        { "tool version", ["prune", "quantize", "select", "parent", "candidate"] },
        { "worker", ["prune", "quantize", "select", "parent", "candidate"] },
    };

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Changing_an_input_misses_exactly_the_stages_that_depend_on_it(string change, string[] stages)
    {
        using var project = new TinyProject();
        project.WriteHarness("""{ "dimension": "accuracy", "slice": "common", "min": 0.01, "mode": "point" }""");
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        var request = project.Request;
        switch (change)
        {
            case "model": project.WriteModel(seed: 7); break;
            case "recipe: sparsity": Edit(project.RecipePath, "0.8", "0.7"); break;
            case "recipe: precision": Edit(project.RecipePath, "int8", "none"); break;
            case "recipe: batch": Edit(project.RecipePath, "\"version\": 1,", "\"version\": 1, \"batch\": 8,"); break;
            case "device": request = request with { Rid = "linux-arm64", Device = "raspberry-pi-5" }; break;
            case "cases": project.WriteInputs("common.f32", seed: 11, TinyProject.Cases); break;
            case "labels": File.WriteAllBytes(Path.Combine(project.Folder, "common.u8"), new byte[TinyProject.Cases]); break;
            case "harness: batch size": Edit(project.HarnessPath, "\"classes\"", "\"batchSize\": 7, \"classes\""); break;
            case "tool version": request = request with { ToolVersion = "other" }; break;
            case "worker": request = request with { WorkerHash = "1" }; break;
        }
        Assert.True(project.Build(request), string.Join("\n", project.Diagnostics));
        foreach (var stage in (string[])["prune", "quantize", "select", "parent", "candidate"])
            Assert.Equal((stage, stages.Contains(stage) ? 2 : 1), (stage, project.Stages(stage).Count));
    }

    [Fact]
    public void The_stamp_lists_every_input_and_every_file_of_the_artifact()
    {
        using var project = new TinyProject();
        project.Build();
        var stamp = Newtonsoft.Json.Linq.JObject.Parse(File.ReadAllText(project.Request.StampFile));
        Assert.Equal(
            ["common.f32", "common.u8", "harness.json", "model.onnx", "recipe.json"],
            stamp["inputs"]!.Select(input => Path.GetFileName((string)input["path"]!)).Order(StringComparer.Ordinal));
        Assert.Equal(
            Directory.EnumerateFiles(project.Request.ArtifactFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            stamp["outputs"]!.Select(output => (string?)output["path"]));
    }

    [Fact]
    public async Task Two_builds_at_once_make_a_stage_once()
    {
        using var project = new TinyProject();
        var store = new StageStore(project.Request.StagesFolder);
        var made = 0;
        string Make() => store.GetOrMake("slow", new StageKey("slow").ToString(), folder =>
        {
            Interlocked.Increment(ref made);
            Thread.Sleep(200);
            File.WriteAllText(Path.Combine(folder, "done"), "");
        }, default);
        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Make)));
        Assert.Equal(1, made);
        Assert.Single(folders.Distinct());
    }

    [Fact]
    public void A_stage_that_fails_leaves_nothing_behind()
    {
        using var project = new TinyProject();
        var store = new StageStore(project.Request.StagesFolder);
        Assert.Throws<InvalidOperationException>(() => store.GetOrMake("bad", "0", folder =>
        {
            File.WriteAllText(Path.Combine(folder, "half"), "");
            throw new InvalidOperationException();
        }, default));
        Assert.Empty(Directory.EnumerateDirectories(project.Request.StagesFolder));
    }

    [Fact]
    public void A_canceled_build_leaves_no_stage_and_no_artifact()
    {
        using var project = new TinyProject();
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => project.Build(cancellation: canceled.Token));
        Assert.Empty(project.Stages("prune"));
        Assert.False(Directory.Exists(project.Request.ArtifactFolder));
    }

    [Fact]
    public void Keys_tell_parts_apart_that_read_the_same_in_a_row() => Assert.NotEqual(
        new StageKey("s").Add("a", "1\n1:b=1:2").ToString(),
        new StageKey("s").Add("a", "1").Add("b", "2").ToString());

    private static void Edit(string path, string from, string to)
    {
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}

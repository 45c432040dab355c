namespace PruneBuild.Pipeline.Tests;

public sealed class IncrementalTests
{
    [Fact]
    public void What_a_killed_build_left_is_cleared_away()
    {
        using var project = new TinyProject();
        project.Build();
        // Killed inside a stage, inside packaging, and between the two renames of packaging.
        var stage = Directory.GetDirectories(project.Request.StagesFolder, "select-*").Single();
        Directory.Move(stage, $"{stage}.tmp");
        Directory.Move(project.Request.ArtifactFolder, $"{project.Request.ArtifactFolder}.old");
        Directory.CreateDirectory($"{project.Request.ArtifactFolder}.tmp");
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        Assert.Equal([project.Request.ArtifactFolder], Directory.GetDirectories(Path.GetDirectoryName(project.Request.ArtifactFolder)!));
        Assert.DoesNotContain(Directory.GetDirectories(project.Request.StagesFolder), folder => folder.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Trimming_keeps_what_was_used_lately_and_what_another_build_holds()
    {
        using var project = new TinyProject();
        var store = new StageStore(project.Request.StagesFolder);
        string Make(string key) => store.GetOrMake("s", key, folder => File.WriteAllText(Path.Combine(folder, "x"), key), default);
        var (old, held, used) = (Make("old"), Make("held"), Make("used"));
        foreach (var folder in (string[])[old, held, used])
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddDays(-1));
        Make("used");
        using (StageStore.Lock($"{held}.lock", default))
            store.Trim("s", keep: 0);
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(held));
        Assert.True(Directory.Exists(used));
    }

    [Fact]
    public void A_build_that_waited_for_another_of_the_same_request_packages_nothing_again()
    {
        using var project = new TinyProject();
        project.Build();
        var before = Directory.GetFiles(project.Request.ArtifactFolder).Select(File.GetLastWriteTimeUtc).ToList();
        project.Build();
        Assert.Equal(before, Directory.GetFiles(project.Request.ArtifactFolder).Select(File.GetLastWriteTimeUtc));
    }

    [Fact]
    public void A_second_run_makes_no_stage_again()
    {
        using var project = new TinyProject();
        project.Build();
        string Times() => string.Join("\n", Directory.EnumerateFiles(project.Request.StagesFolder, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("hashes", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O}"));
        var before = Times();
        project.Build();
        Assert.Equal(before, Times());
        Assert.All(project.ProgressLines, line => Assert.True(
            line.StartsWith("evaluate: floor cleared", StringComparison.Ordinal) || line.EndsWith(" 0 scores and resamples taken anew", StringComparison.Ordinal), line));
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

    [Fact]
    public void Another_sparsity_does_not_calibrate_again()
    {
        using var project = new TinyProject();
        string Recipe(double sparsity) => $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": {{sparsity}}, "recovery": "least-squares" },
              "calibration": { "tensors": "calibration.f32", "input": { "elementType": "float32", "shape": [32], "layout": "none" } } }
            """;
        project.WriteRecipe(Recipe(0.5));
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        Assert.Contains("calibrate: collecting layer inputs", project.ProgressLines);
        project.WriteRecipe(Recipe(0.6));
        Assert.True(project.Build(), string.Join("\n", project.Diagnostics));
        Assert.DoesNotContain("calibrate: collecting layer inputs", project.ProgressLines);
        Assert.Equal(2, project.Stages("prune").Count);
    }

    public static TheoryData<string, string[]> Mutations => new()
    {
        { "model", ["prune", "quantize", "select", "parent", "candidate"] },
        { "recipe: sparsity", ["prune", "quantize", "select", "candidate"] },
        { "recipe: precision", ["quantize", "select", "candidate"] },
        { "recipe: batch", ["select", "candidate"] },
        { "device", ["select", "candidate"] },
        { "cases", ["parent", "candidate"] },
        { "labels", [] },
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

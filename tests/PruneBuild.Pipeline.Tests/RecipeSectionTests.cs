using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline.Tests;

/// <summary>Structured pruning, pruning in steps and training, as a recipe asks for them.</summary>
public sealed class RecipeSectionTests
{
    private const string Calibration = TinyProject.Calibration;

    [Theory]
    [InlineData("macs", 0.6)]
    [InlineData("bytes", 0.5)]
    public void Structured_pruning_keeps_to_its_budget_and_the_manifest_lists_what_stayed(string unit, double remaining)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""{ "version": 1, "structured": { "budget": { "{{unit}}": {{remaining}} }, "align": 4 }, {{Calibration}} }""");

        var dimensions = manifest.Edits!.Structured!;
        Assert.Equal(["w1", "w2"], dimensions.Where(dimension => dimension.Kept is not null).Select(dimension => dimension.Name.Split('.')[0]).Select(WeightOf));
        Assert.All(dimensions, dimension => Assert.True(dimension.Kept is null != dimension.Reason is null));
        long Macs(Func<ArtifactLayer, (long Rows, long Columns)> sizes) => manifest.Layers.Sum(layer => sizes(layer).Rows * sizes(layer).Columns);
        var dense = (TinyProject.Wide * TinyProject.Inputs) + (TinyProject.Wide * TinyProject.Wide) + (TinyProject.Wide * TinyProject.Classes);
        Assert.InRange(Macs(layer => (layer.Outputs, layer.Inputs)) / (double)dense, (remaining * 0.97) - 0.02, remaining);
        Assert.Equal($"{unit}:{remaining}", manifest.Options["structured.budget"], ignoreCase: true);

        static string WeightOf(string layer) => layer switch { "first" => "w1", "wide" => "w2", _ => layer };
    }

    [Fact]
    public void Gradients_of_the_calibration_data_score_channels()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""{ "version": 1, "structured": { "budget": { "macs": 0.6 }, "criterion": "taylor" }, {{Calibration}} }""");
        Assert.Contains(manifest.Edits!.Structured!, dimension => dimension.Kept is not null);
    }

    [Fact]
    public void Sparsity_is_divided_by_the_loss_measured_on_the_calibration_data()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "unstructured", "sparsity": 0.5, "layerRatios": "measured-loss", "sequential": true, "protectFirstLast": false }, {{Calibration}} }
            """);
        var zeros = manifest.Layers.Sum(layer => layer.Sparsity * layer.Outputs * layer.Inputs) / manifest.Layers.Sum(layer => layer.Outputs * layer.Inputs);
        Assert.InRange(zeros, 0.49, 0.51);
        Assert.True(manifest.Layers.Max(layer => layer.Sparsity) > manifest.Layers.Min(layer => layer.Sparsity) + 0.1);
    }

    [Fact]
    public void A_narrower_model_is_then_pruned_and_quantized_like_any_other()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "structured": { "budget": { "units": 0.5 } }, "prune": { "pattern": "8x4", "sparsity": 0.5 }, "quantize": { "precision": "int8" }, {{Calibration}} }
            """);
        Assert.Equal((128, 128), (manifest.Layers[1].Outputs, manifest.Layers[1].Inputs));
        Assert.InRange(manifest.Layers[1].Sparsity, 0.5, 0.6);
        using var model = EdgeModel.Load(project.Request.ArtifactFolder);
        Assert.Equal(TinyProject.Classes, model.Run(new float[TinyProject.Inputs], [1, TinyProject.Inputs]).Length);
    }

    [Fact]
    public void A_budget_out_of_reach_says_what_can_be_had()
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, "structured": { "budget": { "macs": 0.001 } }, {{Calibration}} }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal("PB3022", error.Code);
        var least = double.Parse(error.Message.Split("widths ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Build(project, FormattableString.Invariant($$"""{ "version": 1, "structured": { "budget": { "macs": {{least}} } }, {{Calibration}} }"""));
    }

    [Theory]
    [InlineData("distillation", "")]
    [InlineData("blockwise", "")]
    [InlineData("feature", "")]
    [InlineData("lora", """, "rank": 2, "learningRate": 0.01 """)]
    [InlineData("bias-and-norm", """, "optimizer": "adamw" """)]
    public void Every_training_lowers_the_loss_and_keeps_the_zeros(string method, string more)
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.9, "recovery": "none" },
              "train": { "method": "{{method}}", "steps": 40, "batch": 32{{more}} }, {{Calibration}} }
            """);
        var training = Assert.Single(manifest.Edits!.Training!);
        Assert.Equal((method, 40, "steps"), (training.Method, training.Steps, training.StopReason));
        Assert.True(training.LossAfter < training.LossBefore, $"{training.LossBefore} became {training.LossAfter}");
        Assert.InRange(manifest.Layers[1].Sparsity, 0.8999, 0.91);
        Assert.Equal(method, manifest.Options["train.method"]);
    }

    [Fact]
    public void A_permuted_student_learns_from_a_parent_in_its_own_order()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "8x4", "sparsity": 0, "permute": true, "recovery": "none" },
              "train": { "method": "blockwise", "steps": 1 }, {{Calibration}} }
            """);
        Assert.InRange(Assert.Single(manifest.Edits!.Training!).LossBefore!.Value, 0, 1e-8);
        Assert.NotEmpty(manifest.Edits.Permutations!);
    }

    [Fact]
    public void Inner_values_that_structured_pruning_narrowed_cannot_be_compared()
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""
            { "version": 1, "structured": { "budget": { "units": 0.5 } }, "train": { "method": "blockwise", "steps": 1 }, {{Calibration}} }
            """);
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal("PB3010", error.Code);
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pruning_in_steps_follows_the_cubic_schedule_and_trains_in_between()
    {
        using var project = new TinyProject();
        var manifest = Build(project, $$"""
            { "version": 1, "prune": { "pattern": "unstructured", "sparsity": 0.9, "gradual": { "steps": 3, "train": 5 }, "recovery": "none" },
              "train": { "steps": 7, "batch": 32 }, {{Calibration}} }
            """);
        Assert.Equal([5, 5, 7], manifest.Edits!.Training!.Select(training => training.Steps));
        Assert.InRange(manifest.Layers[1].Sparsity, 0.8999, 0.9001);
        Assert.DoesNotContain(project.Diagnostics, diagnostic => diagnostic.Code is "PB3002" or "PB3006");
        Assert.Equal("3:5", manifest.Options["prune.gradual"]);
    }

    [Fact]
    public void Trained_artifacts_are_the_same_bytes_on_every_thread_count()
    {
        string Artifact(int threads)
        {
            using var project = new TinyProject();
            project.WriteRecipe($$"""
                { "version": 1, "structured": { "budget": { "macs": 0.7 } },
                  "prune": { "pattern": "8x4", "sparsity": 0.5, "gradual": { "steps": 2, "train": 3 } }, "train": { "steps": 5 }, {{Calibration}} }
                """);
                project.Build(Ungated(project) with { Threads = threads });
            return TinyProject.Snapshot(project.Request.ArtifactFolder);
        }
        Assert.Equal(Artifact(1), Artifact(3));
    }

    [Fact]
    public void A_training_that_diverges_warns_on_every_build_and_ships_what_it_had()
    {
        using var project = new TinyProject();
        const string recipe = """{ "version": 1, "train": { "learningRate": 100, "optimizer": "sgd", "steps": 50 }, """ + Calibration + " }";
        var manifest = Build(project, recipe);
        Assert.Equal("non-finite loss", Assert.Single(manifest.Edits!.Training!).StopReason);
        Assert.Contains(project.Diagnostics, diagnostic => diagnostic.Code == "PB3009" && diagnostic.Severity == Severity.Warning);
        Build(project, recipe);
        Assert.Contains(project.Diagnostics, diagnostic => diagnostic.Code == "PB3009");
    }

    [Fact]
    public void Another_training_reads_the_pruned_model_back()
    {
        using var project = new TinyProject();
        string Recipe(int steps) => $$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5 }, "train": { "steps": {{steps}} }, {{Calibration}} }""";
        Build(project, Recipe(2));
        Build(project, Recipe(3));
        Assert.Single(project.Stages("prune"));
        Assert.Equal(2, project.Stages("train").Count);
    }

    [Theory]
    [InlineData("PB1012", 1, 42, """{ "version": 1, "structured": {"budget": { } } }""")]
    [InlineData("PB1012", 1, 51, """{ "version": 1, "structured": {"budget": {"macs": 0 } } }""")]
    [InlineData("PB1011", 1, 43, """{ "version": 1, "structured": {"budget": {"flops": 0.5 } } }""")]
    [InlineData("PB1012", 1, 70, """{ "version": 1, "structured": {"budget": {"macs": 0.5}, "criterion": "best" } }""")]
    [InlineData("PB3003", 1, 70, """{ "version": 1, "structured": {"budget": {"macs": 0.5}, "criterion": "flap" } }""")]
    [InlineData("PB3003", 1, 70, """{ "version": 1, "structured": {"budget": {"macs": 0.5}, "criterion": "taylor" } }""")]
    [InlineData("PB3003", 1, 69, """{ "version": 1, "structured": {"budget": {"macs": 0.5}, "recovery": "linear" } }""")]
    [InlineData("PB3003", 1, 78, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "layerRatios": "measured-loss" } }""")]
    [InlineData("PB3003", 1, 26, """{ "version": 1, "train": { "steps": 5 } }""")]
    [InlineData("PB1012", 1, 74, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "gradual": {"steps": 3, "train": 5} } }""")]
    public void A_section_that_cannot_be_used(string code, int line, int column, string recipe)
    {
        using var project = new TinyProject();
        project.WriteRecipe(recipe);
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal((code, project.RecipePath, line, column), (error.Code, error.Diagnostic.File, error.Diagnostic.Line, error.Diagnostic.Column));
    }

    [Theory]
    [InlineData("""{ "method": "distillation", "rank": 4 }""")]
    [InlineData("""{ "method": "blockwise", "temperature": 2 }""")]
    [InlineData("""{ "method": "feature", "temperature": 2 }""")]
    [InlineData("""{ "optimizer": "adam" }""")]
    [InlineData("""{ "steps": 0 }""")]
    [InlineData("""{ "learningRate": -1 }""")]
    public void A_training_that_cannot_be_meant(string section)
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, "train": {{section}}, {{Calibration}} }""");
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => project.Build()).Code);
    }

    [Fact]
    public void Steps_to_a_pattern_of_one_sparsity_make_no_sense()
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, "prune": { "pattern": "2:4", "gradual": { "steps": 3, "train": 5 } }, "train": { }, {{Calibration}} }""");
        Assert.Equal("PB1012", Assert.Throws<PruneBuildException>(() => project.Build()).Code);
    }

    [Theory]
    [InlineData("bytes", 150_000)]
    [InlineData("milliseconds", 0.006)]
    public void A_budget_decides_the_least_sparsity_that_keeps_it(string unit, double most)
    {
        using var project = new TinyProject();
        string Recipe(string amount) => $$"""{ "version": 1, "prune": { "pattern": "8x4", {{amount}} } }""";
        var manifest = Build(project, Recipe(FormattableString.Invariant($"\"budget\": {{ \"{unit}\": {most} }}")));
        var budget = manifest.Edits!.Budget!;
        Assert.Equal((unit, most), (budget.Unit, budget.Most));
        Assert.InRange(budget.Predicted, 0, most);
        Assert.InRange(manifest.Layers[1].Sparsity, budget.Sparsity - 0.005, budget.Sparsity + 0.005);
        double Cost(ArtifactManifest of) => of.Layers.Sum(layer =>
        {
            var chosen = layer.Candidates.Single(candidate => candidate.Kernel == layer.Kernel);
            return unit == "bytes" ? chosen.Bytes : chosen.PredictedMicroseconds / 1000;
        });
        Assert.InRange(Cost(manifest), 0, most * 1.02);
        var less = Build(project, Recipe(FormattableString.Invariant($"\"sparsity\": {budget.Sparsity - 0.02}")));
        Assert.True(Cost(less) > most, $"{Cost(less)} at sparsity {budget.Sparsity - 0.02}");
    }

    [Fact]
    public void A_budget_out_of_the_kernels_reach_says_what_can_be_had()
    {
        using var project = new TinyProject();
        project.WriteRecipe("""{ "version": 1, "prune": { "pattern": "8x4", "budget": { "bytes": 10 } } }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal(("PB3023", project.RecipePath), (error.Code, error.Diagnostic.File));
        Assert.Contains("at sparsity 0.95", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Redistribution_is_recorded_with_its_refusals_and_changes_no_answer()
    {
        using var project = new TinyProject();
        var manifest = Build(project, """
            { "version": 1, "prune": { "pattern": "unstructured", "sparsity": 0, "redistribute": ["scale-folding", "hadamard"] } }
            """);
        var redistributed = manifest.Edits!.Redistributions!;
        Assert.Contains(redistributed, group => group is { Method: "scale-folding", Units: TinyProject.Wide, Reason: null });
        // A classifier has no residual stream to rotate.
        Assert.DoesNotContain(redistributed, group => group is { Method: "hadamard", Reason: null });
        Assert.Equal("scale-folding,hadamard", manifest.Options["prune.redistribute"]);
        using var artifact = EdgeModel.Load(project.Request.ArtifactFolder);
        using var parent = new Microsoft.ML.OnnxRuntime.InferenceSession(project.ModelPath);
        var input = Enumerable.Range(0, TinyProject.Inputs).Select(index => (index % 7 / 3f) - 1).ToArray();
        using var value = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(input, [1, TinyProject.Inputs]);
        using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
        using var expected = parent.Run(options, ["x"], [value], ["logits"]);
        Assert.Equal(expected[0].GetTensorDataAsSpan<float>().ToArray(), artifact.Run(input, [1, TinyProject.Inputs]), (left, right) => Math.Abs(left - right) < 1e-3);
    }

    [Theory]
    [InlineData("PB1012", "\"shuffle\"")]
    [InlineData("PB3003", "\"rotation\"")]
    [InlineData("PB1012", "[\"rotation\", 3]")]
    public void A_redistribution_that_cannot_be_used(string code, string names)
    {
        using var project = new TinyProject();
        project.WriteRecipe($$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5, "redistribute": {{names}} } }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal((code, project.RecipePath), (error.Code, error.Diagnostic.File));
    }

    [Fact]
    public void A_case_in_the_calibration_data_is_named()
    {
        using var project = new TinyProject();
        const int shared = 7;
        var row = File.ReadAllBytes(Path.Combine(project.Folder, "common.f32")).AsSpan(shared * TinyProject.Inputs * sizeof(float), TinyProject.Inputs * sizeof(float)).ToArray();
        using (var calibration = File.Open(Path.Combine(project.Folder, "calibration.f32"), FileMode.Append))
            calibration.Write(row);
        project.WriteRecipe($$"""{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.5 }, {{Calibration}} }""");
        var error = Assert.Throws<PruneBuildException>(() => project.Build());
        Assert.Equal("PB1037", error.Code);
        Assert.Contains($"common.f32#{shared}", error.Message, StringComparison.Ordinal);
        Assert.Equal(project.RecipePath, error.Diagnostic.File);
    }

    private static WorkRequest Ungated(TinyProject project) => project.Request with { Harness = null };

    private static ArtifactManifest Build(TinyProject project, string recipe)
    {
        project.WriteRecipe(recipe);
        Assert.True(project.Build(Ungated(project)), string.Join("\n", project.Diagnostics));
        return ArtifactManifest.Load(Path.Combine(project.Request.ArtifactFolder, ArtifactManifest.FileName));
    }
}

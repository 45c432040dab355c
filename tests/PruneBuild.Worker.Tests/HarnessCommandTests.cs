using PruneBuild.Pipeline.Tests;

namespace PruneBuild.Worker.Tests;

/// <summary>The commands around a harness: lock, ledger, power.</summary>
public sealed class HarnessCommandTests
{
    private const string Floor = "accuracy/common/min";

    [Fact]
    public void A_harness_is_locked_relaxed_waived_and_shown()
    {
        using var project = new TinyProject();

        var locked = Lock(project);
        Assert.True(locked.ExitCode == 0, locked.Error);
        Assert.StartsWith("locked harness.json: 2 floors, 2 case files, model.onnx\n  common: n=600, accuracy 1.0000,", locked.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        project.WriteHarness("""{ "dimension": "accuracy", "slice": "common", "min": 0.80, "maxDrop": 0.05 }""");
        var refused = Lock(project);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("error PB4201: Floor 'accuracy/common/min' is looser than it was locked: 0.8 instead of 0.9.", refused.Error, StringComparison.Ordinal);

        var relaxed = Run("ledger", "relax", Floor, "--reason", "labels were wrong", "--harness", project.HarnessPath);
        Assert.True(relaxed.ExitCode == 0, relaxed.Error);
        var waived = Run("ledger", "waive", Floor, "--until", "9999-12-31", "--reason", "new parent comes", "--harness", project.HarnessPath);
        Assert.True(waived.ExitCode == 0, waived.Error);
        Assert.Equal(0, Lock(project).ExitCode);

        var lines = Run("ledger", "show", "--harness", project.HarnessPath).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["lock", "relax", "waive", "lock"], lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]));
        Assert.EndsWith("relax accuracy/common/min: labels were wrong", lines[1].TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relax", "accuracy/common/min", "--reason", "x")]
    [InlineData("waive", "accuracy/common/max", "--reason", "x", "--until", "9999-12-31")]
    [InlineData("waive", "accuracy/common/min", "--reason", "x", "--until", "2020-01-01")]
    [InlineData("waive", "accuracy/common/min", "--reason", "x", "--until", "tomorrow")]
    public void A_decision_that_means_nothing_is_PB1012(params string[] arguments)
    {
        using var project = new TinyProject();
        var (exitCode, _, error) = Run(["ledger", .. arguments, "--harness", project.HarnessPath]);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error PB1012: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(project.Folder, "ledger.jsonl")));
    }

    [Fact]
    public void A_decision_needs_a_reason()
    {
        using var project = new TinyProject();
        Assert.NotEqual(0, Run("ledger", "waive", Floor, "--until", "9999-12-31", "--reason", " ", "--harness", project.HarnessPath).ExitCode);
        Assert.False(File.Exists(Path.Combine(project.Folder, "ledger.jsonl")));
    }

    [Fact]
    public void Power_says_what_every_floor_needs()
    {
        using var project = new TinyProject();

        var (exitCode, output, error) = Run("power", project.HarnessPath, "--parent", "0.95");

        Assert.True(exitCode == 0, error);
        // 6.1826 · 0.06 / 0.05² = 149 and / 0.02² = 928 (less the squared drop: 922); √(6.1826 · 0.06 / 600) = 0.025.
        Assert.Matches(@"(?m)^accuracy/common/min +common +0\.9 +600 +0\.950 +0\.060 +118 +922 +0\.025 +yes\r?$", output);
        Assert.Matches(@"(?m)^accuracy/common/maxDrop +common +0\.05 +600 +0\.950 +0\.060 +149 +922 +0\.025 +yes\r?$", output);
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 180));
    }

    [Fact]
    public void Power_takes_the_parents_accuracy_from_the_lock()
    {
        using var project = new TinyProject();
        Assert.Equal(0, Lock(project).ExitCode);
        // A parent without an error leaves no room for discordance at equal quality.
        Assert.Matches(@"(?m)^accuracy/common/maxDrop +common +0\.05 +600 +1\.000 +0\.001 ", Run("power", project.HarnessPath).Output);
    }

    [Theory]
    [InlineData("--drop", "0")]
    [InlineData("--power", "0.5")]
    [InlineData("--discordance", "1")]
    public void A_wrong_assumption_is_PB1012(string option, string value)
    {
        using var project = new TinyProject();
        Assert.StartsWith("error PB1012: ", Run("power", project.HarnessPath, option, value).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Power_of_slices_by_the_length_of_prompts_needs_the_model_that_counts_them()
    {
        using var project = new TinyProject();
        File.WriteAllLines(Path.Combine(project.Folder, "cases.jsonl"), Enumerable.Range(1, 12).Select(i => $$"""{ "id": "c{{i}}", "slice": "common", "prompt": "{{new string('a', i)}}", "expect": [ { "type": "json" } ] }"""));
        File.WriteAllText(Path.Combine(project.Folder, "tokenizer.json"), """
            { "added_tokens": [], "decoder": { "type": "ByteLevel" }, "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true }, "model": { "type": "BPE", "vocab": { "a": 0, "b": 1 }, "merges": [] } }
            """);
        File.WriteAllText(project.HarnessPath, """
            { "version": 1, "task": "generation", "generation": { "maxTokens": 6 }, "contextLengths": [5], "cases": [ { "jsonl": "cases.jsonl" } ],
              "floors": [ { "dimension": "checks", "slice": "*", "min": 0.8 } ] }
            """);
        Assert.StartsWith("error PB1012: '' is not a valid value of '--model'", Run("power", project.HarnessPath).Error, StringComparison.Ordinal);
        var (exitCode, output, error) = Run("power", project.HarnessPath, "--model", project.ModelPath);
        Assert.True(exitCode == 0, error);
        Assert.Matches(@"(?m)^checks/\*/min +common +0\.8 +12 ", output);
        Assert.Matches(@"(?m)^checks/\*/min +context:0-5 +0\.8 +5 ", output);
        Assert.Matches(@"(?m)^checks/\*/min +context:6\+ +0\.8 +7 ", output);
    }

    private static (int ExitCode, string Output, string Error) Lock(TinyProject project) =>
        Run("lock", project.HarnessPath, "--model", project.ModelPath, "--natives", WorkerProcess.WriteNatives(project));

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments) => WorkerProcess.Command(arguments);
}

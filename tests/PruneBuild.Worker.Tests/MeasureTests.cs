using Newtonsoft.Json.Linq;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Pipeline.Tests;

namespace PruneBuild.Worker.Tests;

/// <summary>Profiles of a harness in the real worker: every model in a child process of its own.</summary>
public sealed class MeasureTests : IDisposable
{
    private const string Floors = """
        { "metric": "p50", "slice": "common", "maxRatio": 100, "mode": "point" },
            { "metric": "peak_memory", "max": 10000000000, "profile": "pinned" }
        """;

    private const string Profiles = """ "profiles": { "pinned": { "threads": 1, "cores": [0] }, "slow": { "cpuQuota": 0.5, "memoryBytes": 1000000000 } }, "performance": { "blocks": 6 }, "floors" """;

    private readonly TinyProject project = new();

    public MeasureTests()
    {
        project.WriteRecipe("""{ "version": 1 }""");
        project.WriteHarness(Floors);
        File.WriteAllText(project.HarnessPath, File.ReadAllText(project.HarnessPath).Replace("\"floors\"", Profiles, StringComparison.Ordinal));
    }

    public void Dispose() => project.Dispose();

    [Fact]
    public void Every_limit_holds_for_the_measuring_process_or_is_flagged_everywhere()
    {
        var ended = WorkerProcess.Run(project, "evaluate", project.Request with { Reports = ["html", "sarif", "junit", "trx", "markdown"] });

        Assert.True(ended.ExitCode == 0, ended.ToString());
        var verdict = Verdict.Load(Report("verdict.json"), project.HarnessPath);
        Assert.Equal(["pinned", "slow"], verdict.Profiles!.Select(profile => profile.Name));
        Assert.Equal([("p50", "pinned"), ("p50", "slow"), ("peak_memory", "pinned")], verdict.Checks.Select(check => (check.Dimension, check.Profile!)));
        Assert.All(verdict.Checks, check => Assert.Equal((CheckResult.Pass, MeasurementState.Measured), (check.Result, check.State)));
        Assert.All(verdict.Profiles!, profile => Assert.Equal(24, profile.Latency!.Parent.Iterations + profile.Latency.Candidate.Iterations));

        var limits = verdict.Profiles!.SelectMany(profile => profile.Limits).ToDictionary(limit => limit.Limit);
        Assert.Equal(["cores", "cpuQuota", "memoryBytes", "threads"], limits.Keys.Order());
        Assert.True(limits["threads"].Emulated);
        Assert.Equal(OperatingSystem.IsLinux(), limits["cores"].Emulated);
        Assert.All([limits["cpuQuota"], limits["memoryBytes"]], limit => Assert.Equal(limit.How == "cgroup v2", limit.Emulated));
        var flagged = limits.Values.Where(limit => !limit.Emulated).ToList();
        Assert.Equal(flagged.Count, Warnings(ended).Count());
        foreach (var limit in flagged)
        {
            Assert.Contains(Warnings(ended), warning => ((string)warning["message"]!).Contains($"{limit.Limit} of profile", StringComparison.Ordinal) && (int)warning["line"]! > 0);
            foreach (var file in (string[])["report.html", "verdict.sarif", "verdict.junit.xml", "verdict.trx", "summary.md"])
                Assert.Contains($"{limit.Limit}: not emulated", File.ReadAllText(Report(file)), StringComparison.Ordinal);
        }
        foreach (var file in (string[])["report.html", "verdict.sarif", "verdict.junit.xml", "verdict.trx", "summary.md"])
            Assert.All(["pinned", "slow", "measured"], word => Assert.Contains(word, File.ReadAllText(Report(file)), StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(project.Request.StagesFolder, "inputs.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_device_measures_an_artifact_for_the_gate_of_another_machine()
    {
        Assert.True(project.Build(project.Request with { Inconclusive = "warn" }), string.Join("\n", project.Diagnostics));
        var file = Path.Combine(project.Folder, "device.json");

        var (exitCode, output, error) = WorkerProcess.Command(
            "measure", project.HarnessPath, "--artifact", project.Request.ArtifactFolder, "--parent", project.ModelPath, "--output", file, "--natives", WorkerProcess.WriteNatives(project));

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"(?m)^pinned: [0-9.e-]+ ms against [0-9.e-]+ ms, ratio [0-9.]+ \(95 % bounds [0-9.]+ and [0-9.]+\)", output);
        Assert.Contains("  threads: by ", output, StringComparison.Ordinal);
        Assert.Equal(["pinned", "slow"], PerformanceFile.Load(file).Records.Select(record => record.Profile));
        var ended = WorkerProcess.Run(project, "evaluate", project.Request with { Measurements = [file] });
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.All(Verdict.Load(Report("verdict.json"), project.HarnessPath).Profiles!, profile => Assert.Equal(MeasurementState.Imported, profile.State));
        Assert.Empty(project.Stages("performance"));
    }

    [Fact]
    public void A_model_that_takes_more_than_the_profile_gives_misses_its_floors()
    {
        File.WriteAllText(project.HarnessPath, File.ReadAllText(project.HarnessPath).Replace("1000000000 }", "20000000 }", StringComparison.Ordinal));
        var ended = WorkerProcess.Run(project, "evaluate");
        Assert.Equal(1, ended.ExitCode);
        Assert.Equal("PB4008", (string?)ended.Error["code"]);
        Assert.Matches(@"^\[[a-z0-9-]+/slow\] p50 on 'common' has no value: (it takes \d+ bytes, and the profile gives it 20000000|'model\.onnx' used up the 20000000 bytes that profile 'slow' gives it)$", (string)ended.Error["message"]!);
    }

    private string Report(string name) => Path.Combine(Path.GetDirectoryName(project.Request.StampFile)!, name);

    private static IEnumerable<JObject> Warnings(WorkerProcess.Ended ended) => ended.Events.Where(line => (string?)line["code"] == "PB5050");
}

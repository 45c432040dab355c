using NJsonSchema;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Profiles;

/// <summary>The keys <c>profiles</c> and <c>performance</c> of a harness, and floors that name a profile.</summary>
public class ResourceProfileTests
{
    private const string Valid = """
        {
          "version": 1, "task": "classification", "classes": 10, "input": { "elementType": "uint8", "shape": [1], "layout": "none" },
          "cases": [ { "slice": "common", "tensors": "common.u8", "labels": "common.labels.u8" } ],
          "profiles": { "low-battery": { "threads": 3, "cpuQuota": 1.5, "memoryBytes": 268435456, "cores": [0, 1] }, "high-battery": {} },
          "performance": { "blocks": 40, "seconds": 5, "maxSpread": 0.2, "allowProxy": true, "maxAgeDays": 7 },
          "floors": [
            { "metric": "p50", "slice": "*", "profile": "low-battery", "maxRatio": 0.8 }, { "metric": "load", "max": 900, "profile": "*" },
            { "dimension": "accuracy", "slice": "common", "min": 0.5, "profile": "high-battery" }
          ]
        }
        """;

    [Fact]
    public async Task A_harness_names_its_profiles_and_floors_under_them()
    {
        using var folder = new TemporaryFolder();
        var harness = Load(folder, Valid);
        Assert.Equal(["low-battery", "high-battery"], harness.Profiles.Select(profile => profile.Name));
        Assert.Equal("threads=3 cpuQuota=1.5 memoryBytes=268435456 cores=0,1", harness.Profiles[0].Limits);
        Assert.Equal((40, 5.0, 0.2, true, 7), (
            harness.Performance.Latency.Blocks, harness.Performance.Latency.Seconds, harness.Performance.Latency.MaxSpread, harness.Performance.AllowProxy, harness.Performance.MaxAgeDays));
        Assert.Equal(["low-battery", null, "high-battery"], harness.Floors.Select(floor => floor.Profile));
        Assert.Equal(["p50/*/low-battery/maxRatio", "load/*/max", "accuracy/common/high-battery/min"], harness.Floors.Select(floor => floor.Id));
        Assert.Empty((await Schema()).Validate(Valid));
    }

    [Fact]
    public void A_harness_without_profiles_has_one_without_limits()
    {
        using var folder = new TemporaryFolder();
        var (harness, _) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0]));
        Assert.Equal(ResourceProfile.Unlimited, Assert.Single(harness.Profiles));
        Assert.False(harness.IsProfiled);
        Assert.True(HarnessFiles.Create(folder, """{ "metric": "p90", "slice": "*", "max": 5 }""", ("common", [0, 0])).Harness.IsProfiled);
        Assert.False(HarnessFiles.Create(folder, """{ "metric": "bytes", "slice": "*", "max": 5 }""", ("common", [0, 0])).Harness.IsProfiled);
    }

    [Theory]
    [InlineData("PB1011", "\"threads\": 3", "\"thread\": 3", "\"thread\"")]
    [InlineData("PB1012", "\"threads\": 3", "\"threads\": 0", "0, \"cpu")]
    [InlineData("PB1012", "1.5", "0", "0, \"memory")]
    [InlineData("PB1012", "1.5", "\"half\"", "\"half\"")]
    [InlineData("PB1012", "268435456", "1000", "1000")]
    [InlineData("PB1012", "[0, 1]", "[]", "[]")]
    [InlineData("PB1012", "[0, 1]", "[1, 1]", "[1, 1]")]
    [InlineData("PB1012", "[0, 1]", "[-1]", "-1]")]
    [InlineData("PB1012", "\"high-battery\": {}", "\"two words\": {}", "{} }")]
    [InlineData("PB1012", "\"high-battery\": {}", "\"high-battery\": 1", "1 }")]
    [InlineData("PB1012", "\"blocks\": 40", "\"blocks\": 1", "1, \"sec")]
    [InlineData("PB1012", "\"allowProxy\": true", "\"allowProxy\": 1", "1, \"maxAge")]
    [InlineData("PB1011", "\"maxAgeDays\"", "\"maxAge\"", "\"maxAge\"")]
    [InlineData("PB1012", "\"maxRatio\": 0.8", "\"maxRatio\": -1", "-1 }")]
    [InlineData("PB1013", "\"metric\": \"p50\", \"slice\": \"*\"", "\"metric\": \"p50\"", "{ \"metric\": \"p50\"")]
    public async Task A_fault_is_reported_at_its_token_and_the_schema_knows_it(string code, string from, string to, string at)
    {
        using var folder = new TemporaryFolder();
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Valid, text);
        var diagnostic = HarnessFiles.Fails(code, () => Load(folder, text));
        Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
        Assert.NotEmpty((await Schema()).Validate(text));
    }

    [Theory]
    [InlineData("\"profile\": \"low-battery\"", "\"profile\": \"low\"", "\"low\"", "The harness has no profile 'low'; it has: low-battery, high-battery.")]
    [InlineData("\"profiles\": { \"low-battery\": { \"threads\": 3, \"cpuQuota\": 1.5, \"memoryBytes\": 268435456, \"cores\": [0, 1] }, \"high-battery\": {} },", "", "\"low-battery\"", "The harness has no profile 'low-battery'; it has none.")]
    public void A_floor_under_a_profile_that_is_not_there_is_PB1080(string from, string to, string at, string message)
    {
        using var folder = new TemporaryFolder();
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        var diagnostic = HarnessFiles.Fails("PB1080", () => Load(folder, text));
        Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
        Assert.Equal(message, diagnostic.Message);
    }

    [Fact]
    public void A_ratio_is_for_what_is_better_when_less()
    {
        using var folder = new TemporaryFolder();
        var text = Valid.Replace("\"min\": 0.5", "\"maxRatio\": 0.5", StringComparison.Ordinal);
        Assert.Equal(HarnessFiles.Find(text, "0.5, \"profile\""), HarnessFiles.Fails("PB1012", () => Load(folder, text)) is var found ? (found.Line, found.Column) : default);
    }

    [Fact]
    public void Threads_never_exceed_the_cores_that_there_are()
    {
        Assert.Equal((1, 2, 8), (new ResourceProfile("one") { Threads = 1 }.ThreadsOn(8), new ResourceProfile("two") { Threads = 2 }.ThreadsOn(8), ResourceProfile.Unlimited.ThreadsOn(8)));
        Assert.Equal(1, new ResourceProfile("two") { Threads = 2 }.ThreadsOn(1));
        Assert.Equal(1, new ResourceProfile("pinned") { Threads = 4, Cores = [2] }.ThreadsOn(8));
    }

    private static Harness Load(TemporaryFolder folder, string text)
    {
        folder.Write("common.u8", [0, 1]);
        folder.Write("common.labels.u8", [0, 1]);
        return Harness.Load(folder.Write("harness.json", text));
    }

    private static async Task<JsonSchema> Schema() => await JsonSchema.FromFileAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas", "harness.schema.json"));
}

using NJsonSchema;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Profiles;

public class ResourceProfileTests
{
    private const string Valid = """{ "version": 1, "profiles": [{ "name": "normal", "threads": 3 }, { "name": "kiosk", "cpuQuota": 1.5, "memoryBytes": 268435456, "cores": [0, 1] }] }""";

    [Fact]
    public async Task Own_profiles_replace_and_extend_the_built_in_ones()
    {
        using var folder = new TemporaryFolder();
        var profiles = ResourceProfiles.Load(folder.Write("profiles.json", Valid));
        Assert.Equal(["low-battery", "normal", "high-battery", "kiosk"], profiles.Select(profile => profile.Name));
        Assert.Equal((3, null, 1.5, 268435456L), (profiles[1].Threads, profiles[1].CpuQuota, profiles[3].CpuQuota, profiles[3].MemoryBytes));
        Assert.Equal([0, 1], profiles[3].Cores!);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas", "profiles.schema.json"));
        Assert.Empty(schema.Validate(Valid));
    }

    [Theory]
    [InlineData("PB1011", "\"threads\": 3", "\"thread\": 3", "\"thread\"")]
    [InlineData("PB1012", "\"threads\": 3", "\"threads\": 0", "0 }")]
    [InlineData("PB1012", "1.5", "0", "0, \"memory")]
    [InlineData("PB1012", "1.5", "\"half\"", "\"half\"")]
    [InlineData("PB1012", "268435456", "1000", "1000")]
    [InlineData("PB1012", "[0, 1]", "[]", "[]")]
    [InlineData("PB1012", "[0, 1]", "[1, 1]", "[1, 1]")]
    [InlineData("PB1012", "[0, 1]", "[-1]", "-1]")]
    [InlineData("PB1012", "\"kiosk\"", "\"normal\"", null)]
    [InlineData("PB1012", "\"kiosk\"", "\"two words\"", "\"two words\"")]
    [InlineData("PB1013", "\"name\": \"kiosk\", ", "", "{ \"cpuQuota\"")]
    public async Task A_fault_is_reported_at_its_token_and_the_schema_knows_it(string code, string from, string to, string? at)
    {
        using var folder = new TemporaryFolder();
        var text = Valid.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Valid, text);
        var diagnostic = HarnessFiles.Fails(code, () => ResourceProfiles.Load(folder.Write("profiles.json", text)));
        if (at is null) return;
        Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
        var schema = await JsonSchema.FromFileAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas", "profiles.schema.json"));
        Assert.NotEmpty(schema.Validate(text));
    }

    [Fact]
    public void Threads_never_exceed_the_cores_that_there_are()
    {
        Assert.Equal((1, 2, 8), (ResourceProfile.LowBattery.ThreadsOn(8), ResourceProfile.Normal.ThreadsOn(8), ResourceProfile.HighBattery.ThreadsOn(8)));
        Assert.Equal(1, ResourceProfile.Normal.ThreadsOn(1));
        Assert.Equal(1, new ResourceProfile("pinned") { Threads = 4, Cores = [2] }.ThreadsOn(8));
    }
}

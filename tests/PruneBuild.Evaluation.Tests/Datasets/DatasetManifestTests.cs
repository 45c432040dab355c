using NJsonSchema;
using PruneBuild.Evaluation.Datasets;
using PruneBuild.Tests;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class DatasetManifestTests
{
    [Fact]
    public void Patterns_find_files_in_the_order_of_their_names()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["gate/b.jsonl", "gate/a.jsonl", "gate/deep/er/c.jsonl", "gate/note.txt", "dev.jsonl"]) folder.Write(name, "");
        var dataset = Dataset.Load(folder.Write("dataset.json", DatasetFiles.Manifest("""
            "gate": ["gate/**/*.jsonl"], "dev": ["d?v.jsonl"]
            """)));

        Assert.Equal(["dev", "gate"], dataset.Splits.Select(split => split.Name));
        Assert.Equal(["gate/a.jsonl", "gate/b.jsonl", "gate/deep/er/c.jsonl"], dataset.Splits[1].Sources.Select(source => ((JsonlCases)source).Name));
    }

    [Theory]
    [InlineData("PB1030", "\"gate\": [\"absent.jsonl\"]", "\"absent.jsonl\"")]
    [InlineData("PB1030", "\"gate\": [\"absent-*.jsonl\"]", "\"absent-*.jsonl\"")]
    [InlineData("PB1035", "\"gate\": [\"../*.jsonl\"]", "\"../*.jsonl\"")]
    [InlineData("PB1035", "\"gate\": [\"/etc/hostname\"]", "\"/etc/hostname\"")]
    [InlineData("PB1050", "\"dev\": [\"c.jsonl\"], \"gate\": [\"*.jsonl\"]", "\"*.jsonl\"")]
    [InlineData("PB1050", "\"gate\": [\"c.jsonl\", \"c.jsonl\"]", null)]
    [InlineData("PB1011", "\"test\": [\"c.jsonl\"]", "\"test\"")]
    [InlineData("PB1012", "\"gate\": []", "[]")]
    [InlineData("PB1012", "\"gate\": [7]", "7]")]
    [InlineData("PB1012", "", "{  }")]
    public void A_fault_is_reported_at_its_token(string code, string splits, string? at)
    {
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", "");
        var text = DatasetFiles.Manifest(splits);
        var path = folder.Write("dataset.json", text);

        var diagnostic = HarnessFiles.Fails(code, () => Dataset.Load(path));

        Assert.Equal(path, diagnostic.File);
        if (at is not null) Assert.Equal(HarnessFiles.Find(text, at), (diagnostic.Line, diagnostic.Column));
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.0.0.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.-1")]
    [InlineData("1.0.0-rc")]
    [InlineData("1.0.99999999999")]
    public void A_version_has_three_numbers(string version)
    {
        Assert.Null(SemanticVersion.Parse(version));
        using var folder = new TemporaryFolder();
        folder.Write("c.jsonl", "");
        var text = DatasetFiles.Manifest("\"gate\": [\"c.jsonl\"]", version);
        var diagnostic = HarnessFiles.Fails("PB1012", () => Dataset.Load(folder.Write("dataset.json", text)));
        Assert.Equal(HarnessFiles.Find(text, $"\"{version}\""), (diagnostic.Line, diagnostic.Column));
    }

    [Fact]
    public async Task The_schema_accepts_what_the_reader_accepts_and_the_bump_writes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", [1, 2]);
        folder.Write("l.u8", [0, 1]);
        folder.Write("c.jsonl", DatasetFiles.Line("a", "\"x\""));
        var path = folder.Write("dataset.json", """
            { "name": "n", "version": "0.1.0", "licence": "MIT", "provenance": "made", "lint": { "minSlice": 5, "similarity": 0.9, "seed": 3 },
              "splits": { "calibration": [{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }], "gate": ["*.jsonl"] } }
            """);
        DatasetBump.Apply(path, null);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "schemas", "dataset.schema.json"));
        var text = await File.ReadAllTextAsync(path);
        Assert.Contains("\"content\"", text, StringComparison.Ordinal);
        Assert.Empty(schema.Validate(text));
        Assert.NotEmpty(schema.Validate(text.Replace("\"lint\"", "\"lints\"", StringComparison.Ordinal)));
        Assert.NotEmpty(schema.Validate(text.Replace("0.1.0", "0.1", StringComparison.Ordinal)));
    }
}

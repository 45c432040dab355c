using PruneBuild.Runtime;

namespace PruneBuild.Tests.Edge;

public sealed class ArtifactManifestTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    private string ManifestPath => Path.Combine(folder, ArtifactManifest.FileName);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_saved_is_what_is_loaded()
    {
        var manifest = TemporaryArtifact.Manifest with { Files = [new("weights/model.data", 7, "ff"), new("model.onnx", 1, "00")] };
        manifest.Save(ManifestPath);
        var loaded = ArtifactManifest.Load(ManifestPath);
        Assert.Equivalent(manifest, loaded, strict: true);
        loaded.Save(ManifestPath + "2");
        Assert.Equal(File.ReadAllText(ManifestPath), File.ReadAllText(ManifestPath + "2"));
        Assert.Equal([ManifestPath, ManifestPath + "2"], Directory.GetFiles(folder).Order());
    }

    [Fact]
    public void Optional_parts_may_be_missing()
    {
        File.WriteAllText(ManifestPath, """
            { "schema": 1, "name": "n", "rid": "linux-x64", "device": "d", "tool": "t", "verdict": "pass",
              "files": [{ "path": "model.onnx", "bytes": 1, "sha256": "00" }], "sizes": { "parentBytes": 1, "artifactBytes": 1 } }
            """);
        var manifest = ArtifactManifest.Load(ManifestPath);
        Assert.Empty(manifest.Layers);
        Assert.Empty(manifest.Inputs);
        Assert.Empty(manifest.Options);
    }

    [Fact]
    public void Names_are_camel_case_and_absent_values_are_left_out()
    {
        TemporaryArtifact.Manifest.Save(ManifestPath);
        var json = File.ReadAllText(ManifestPath);
        foreach (var expected in new[] { "\"schema\": 1", "\"parentBytes\": 4096", "\"predictedMicroseconds\": 12.5", "\"relativeError\": 0.01", "\"refused\": \"not allowed\"" })
            Assert.Contains(expected, json);
        Assert.Single(json.Split("\"refused\"").Skip(1));
    }

    [Theory]
    [InlineData("{\"schema\":2}", "schema 2")]
    [InlineData("{}", "schema none")]
    [InlineData("{\"schema\":1}", "cannot be read")]
    [InlineData("{\"schema\":1,", "cannot be read")]
    [InlineData("null", "schema none")]
    public void An_unknown_schema_or_a_broken_file_is_refused(string json, string expected)
    {
        File.WriteAllText(ManifestPath, json);
        var exception = Assert.Throws<EdgeModelException>(() => ArtifactManifest.Load(ManifestPath));
        Assert.Equal("PB6102", exception.Code);
        Assert.Contains(expected, exception.Message);
    }

    [Theory]
    [InlineData("../model.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("a\\b")]
    [InlineData("C:/b")]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("./a")]
    public void A_path_that_leaves_the_folder_is_refused_on_both_ways(string path)
    {
        var manifest = TemporaryArtifact.Manifest with { Files = [new(path, 1, "00")] };
        Assert.Equal("PB6102", Assert.Throws<EdgeModelException>(() => manifest.Save(ManifestPath)).Code);
        Assert.False(File.Exists(ManifestPath));

        (manifest with { Files = [new("good", 1, "00")] }).Save(ManifestPath);
        File.WriteAllText(ManifestPath, File.ReadAllText(ManifestPath).Replace("\"good\"", $"\"{path.Replace("\\", "\\\\")}\""));
        Assert.Equal("PB6102", Assert.Throws<EdgeModelException>(() => ArtifactManifest.Load(ManifestPath)).Code);
    }

    [Fact]
    public void A_missing_manifest_is_not_found() =>
        Assert.Equal("PB6101", Assert.Throws<EdgeModelException>(() => ArtifactManifest.Load(ManifestPath)).Code);

    [Fact]
    public void The_model_is_the_only_onnx_file_or_the_one_named_model()
    {
        static ArtifactManifest With(params string[] paths) => TemporaryArtifact.Manifest with { Files = [.. paths.Select(path => new ArtifactFile(path, 1, "00"))] };
        Assert.Equal("x.onnx", With("x.onnx", "x.data").ModelFile().Path);
        Assert.Equal("model.onnx", With("a.onnx", "model.onnx").ModelFile().Path);
        Assert.Throws<EdgeModelException>(() => With("a.onnx", "b.onnx").ModelFile());
        Assert.Throws<EdgeModelException>(() => With("a.bin").ModelFile());
    }
}

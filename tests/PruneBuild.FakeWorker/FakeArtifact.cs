using System.Security.Cryptography;
using System.Text.Json;

namespace PruneBuild.FakeWorker;

/// <summary>The fake's artifact: the model, one more file when pruning was asked for, and one with the RID when the model wants it.</summary>
internal static class FakeArtifact
{
    public static void Write(FakeRequest request, ModelScript script)
    {
        if (Directory.Exists(request.ArtifactFolder))
            Directory.Delete(request.ArtifactFolder, recursive: true);
        Directory.CreateDirectory(request.ArtifactFolder);
        File.WriteAllBytes(Path.Combine(request.ArtifactFolder, "model.onnx"), File.ReadAllBytes(request.Model));
        if (request.Prune is not null)
            File.WriteAllText(Path.Combine(request.ArtifactFolder, "pruned.txt"), request.Prune);
        if (script.Behaviour("package") == "rid")
            File.WriteAllText(Path.Combine(request.ArtifactFolder, "rid.txt"), request.Rid);

        string?[] named = [request.Model, request.Recipe, request.Harness];
        var inputs = named.OfType<string>().Concat(script.DataFiles).Select(Input);
        var outputs = Directory.EnumerateFiles(request.ArtifactFolder).Order(StringComparer.Ordinal).Select(Output);
        object[] warnings = script.Behaviour("evaluate") == "warn"
            ? [new { code = "PB4002", message = "100% {sure}", file = request.Model, line = 2, column = 3 }]
            : [];
        File.WriteAllText(
            request.StampFile, JsonSerializer.Serialize(new { version = 1, requestHash = request.Sha256, inputs, outputs, warnings }));
    }

    private static object Input(string path) => new
    {
        role = "input",
        path,
        length = new FileInfo(path).Length,
        mtimeUtcTicks = File.GetLastWriteTimeUtc(path).Ticks,
        sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))),
    };

    private static object Output(string path) => new
    {
        path = Path.GetFileName(path),
        length = new FileInfo(path).Length,
        mtimeUtcTicks = File.GetLastWriteTimeUtc(path).Ticks,
    };
}

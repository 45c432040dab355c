using System.Security.Cryptography;
using System.Text.Json;

namespace PruneBuild.FakeWorker;

/// <summary>What the fake needs of <c>request.json</c>.</summary>
internal sealed record FakeRequest(
    string Model, string? Recipe, string? Harness, string? Prune, string Rid, string ProjectFile, string ArtifactFolder, string StampFile, string Sha256)
{
    public static FakeRequest Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var json = JsonDocument.Parse(bytes).RootElement;
        return new FakeRequest(
            json.GetProperty("model").GetString()!,
            json.GetProperty("recipe").GetString(),
            json.GetProperty("harness").GetString(),
            json.GetProperty("prune").GetString(),
            json.GetProperty("rid").GetString()!,
            json.GetProperty("position").GetProperty("file").GetString()!,
            json.GetProperty("artifactFolder").GetString()!,
            json.GetProperty("stampFile").GetString()!,
            Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}

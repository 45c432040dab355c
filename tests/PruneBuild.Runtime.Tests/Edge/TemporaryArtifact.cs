using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Tests.Edge;

/// <summary>A good artifact in a folder of its own, for a test to use or to spoil.</summary>
internal sealed class TemporaryArtifact : IDisposable
{
    public static readonly KernelCase Case = new(Block8x4Int8.FormatName, 43, 70, 3, 0.6, true, SparseActivation.None);

    public TemporaryArtifact(byte[]? model = null, string? folder = null)
    {
        Folder = folder ?? Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(ModelPath, model ?? SparseModel.Create(Case, Case.Pack()));
        var bytes = File.ReadAllBytes(ModelPath);
        Write(manifest => manifest with { Files = [new("model.onnx", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)))] });
    }

    public string Folder { get; }

    public string ModelPath => Path.Combine(Folder, "model.onnx");

    public string ManifestPath => Path.Combine(Folder, ArtifactManifest.FileName);

    public static ArtifactManifest Manifest { get; } = new()
    {
        Schema = ArtifactManifest.CurrentSchema,
        Name = "demo",
        Rid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64",
        Device = "generic",
        Tool = "0.1.0",
        Verdict = "pass",
        Options = new Dictionary<string, string> { ["prune"] = "8x4:0.6" },
        Files = [],
        Inputs = [new("model", "models/demo.onnx", 4096, new string('a', 64))],
        Sizes = new(4096, 1024),
        Layers =
        [
            new("fc1", "MatMul", 43, 70, "8x4", 0.6, "int8", Block8x4Int8.FormatName, "fastest", 1024, [new("dense.float32", "float32", 12.5, 12040), new("dense.int4", "int4", 9, 1800, "not allowed")])
            {
                RelativeError = 0.01,
            },
        ],
    };

    public void Write(Func<ArtifactManifest, ArtifactManifest> change) =>
        change(File.Exists(ManifestPath) ? ArtifactManifest.Load(ManifestPath) : Manifest).Save(ManifestPath);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

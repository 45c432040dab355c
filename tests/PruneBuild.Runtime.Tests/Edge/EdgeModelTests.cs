using System.Runtime.InteropServices;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;
using PruneBuild.Tests.Ort;

namespace PruneBuild.Tests.Edge;

[Collection(nameof(KernelRegistry.ForcedTier))]
public sealed class EdgeModelTests
{
    private static readonly KernelCase Case = TemporaryArtifact.Case;

    [Fact]
    public void A_good_artifact_loads_and_runs()
    {
        using var artifact = new TemporaryArtifact();
        using var model = EdgeModel.Load(artifact.Folder);
        Assert.Equal("demo", model.Manifest.Name);
        Assert.Equal(["x"], model.InputNames);
        Assert.Equal(KernelRegistry.DisplayName(KernelRegistry.Tiers[0]), model.KernelTier);
        Assert.Equal(KernelOracle.Expected(Case, Case.Pack()), model.Run(Case.X(), [Case.Rows, Case.Inputs]));
    }

    [Fact]
    public void A_missing_artifact_is_not_found()
    {
        Assert.Equal("PB6101", Code("no-such-artifact"));
        using var artifact = new TemporaryArtifact();
        File.Delete(artifact.ManifestPath);
        Assert.Equal("PB6101", Code(artifact.Folder));
    }

    [Fact]
    public void A_manifest_of_another_schema_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        File.WriteAllText(artifact.ManifestPath, File.ReadAllText(artifact.ManifestPath).Replace("\"schema\": 1", "\"schema\": 9"));
        Assert.Equal("PB6102", Code(artifact.Folder));
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        File.Delete(artifact.ModelPath);
        Assert.Equal("PB6103", Code(artifact.Folder));
    }

    [Fact]
    public void A_file_that_grew_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        File.AppendAllText(artifact.ModelPath, "x");
        Assert.Equal("PB6103", Code(artifact.Folder));
    }

    [Fact]
    public void A_file_with_one_changed_bit_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        var bytes = File.ReadAllBytes(artifact.ModelPath);
        bytes[^5] ^= 1;
        File.WriteAllBytes(artifact.ModelPath, bytes);
        Assert.Equal("PB6103", Code(artifact.Folder));
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("error")]
    [InlineData("Pass")]
    [InlineData("")]
    public void An_artifact_the_gate_did_not_pass_runs_only_when_asked(string verdict)
    {
        using var artifact = new TemporaryArtifact();
        artifact.Write(manifest => manifest with { Verdict = verdict });
        Assert.Equal("PB6104", Code(artifact.Folder));
        using var model = EdgeModel.Load(artifact.Folder, new() { AllowUngated = true });
        Assert.Equal(verdict, model.Manifest.Verdict);
    }

    [Theory]
    [InlineData("not gated")]
    [InlineData("inconclusive")]
    [InlineData("waived")]
    public void An_artifact_that_its_owner_chose_to_ship_without_a_pass_runs(string verdict)
    {
        using var artifact = new TemporaryArtifact();
        artifact.Write(manifest => manifest with { Verdict = verdict });
        using var model = EdgeModel.Load(artifact.Folder);
        Assert.Equal(verdict, model.Manifest.Verdict);
    }

    [Fact]
    public void An_artifact_for_another_architecture_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        artifact.Write(manifest => manifest with { Rid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-x64" : "linux-arm64" });
        Assert.Equal("PB6105", Code(artifact.Folder));
    }

    [Fact]
    public void A_model_that_ONNX_Runtime_rejects_is_reported()
    {
        var blob = Case.Pack();
        blob[^1] ^= 1;
        using var artifact = new TemporaryArtifact(SparseModel.Create(Case, blob));
        Assert.Equal("PB6106", Code(artifact.Folder));
    }

    [Fact]
    public void Input_that_does_not_fit_is_refused()
    {
        using var artifact = new TemporaryArtifact();
        using var model = EdgeModel.Load(artifact.Folder);
        Assert.Equal("PB6107", Assert.Throws<EdgeModelException>(() => model.Run(new float[7], [1, 8])).Code);
        Assert.Equal("PB6107", Assert.Throws<EdgeModelException>(() => model.Run(new float[9], [1, 9])).Code);
        Assert.Equal("PB6107", Assert.Throws<EdgeModelException>(() => model.Run(new float[1], [-1, -1])).Code);
    }

    [Fact]
    public void A_model_with_two_inputs_is_left_to_the_session()
    {
        var twoInputs = new OnnxWriter().Input("a", OnnxWriter.Float, 1).Input("b", OnnxWriter.Float, 1).Output("y", OnnxWriter.Float, 1)
            .Node("", "Add", ["a", "b"], ["y"]).ToBytes();
        using var artifact = new TemporaryArtifact(twoInputs);
        using var model = EdgeModel.Load(artifact.Folder);
        Assert.Equal(["a", "b"], model.InputNames);
        Assert.Equal("PB6107", Assert.Throws<EdgeModelException>(() => model.Run([1], [1])).Code);
    }

    private static string Code(string name) => Assert.Throws<EdgeModelException>(() => EdgeModel.Load(name).Dispose()).Code;
}

using System.Security.Cryptography;
using PruneBuild.Pipeline.Tests;
using PruneBuild.Runtime;

namespace PruneBuild.Worker.Tests;

/// <summary><c>prunebuild record</c> and <c>prunebuild compare</c>: one artifact on two machines.</summary>
public sealed class PlatformCommandTests : IDisposable
{
    private readonly TinyProject project = new();

    public void Dispose() => project.Dispose();

    [Fact]
    public void Recorded_cases_that_a_device_answers_alike_are_no_difference()
    {
        var recording = Record("--cases", "5", "--batch", "2");

        var (exitCode, output, error) = WorkerProcess.Command("compare", recording, recording, "--agreement", "1", "--divergence", "0");

        Assert.True(exitCode == 0, error);
        Assert.Contains("5 cases, 5 with the same bits, 1.0000 answered alike", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_are_spread_evenly_over_each_slice()
    {
        var ids = CaseRecording.Load(Record("--cases", "4")).Description.Ids;
        Assert.Equal(["#0", "#150", "#300", "#450"], ids.Select(id => id[id.IndexOf('#', StringComparison.Ordinal)..]));
    }

    [Fact]
    public void Other_answers_are_an_error_with_the_cases_that_differ()
    {
        var recording = Record("--cases", "5");
        var cases = CaseRecording.Load(recording);
        var answers = Enumerable.Range(0, 5).SelectMany(index => cases.Outputs(index).ToArray()).ToArray();
        answers.AsSpan(0, cases.Description.OutputsPerCase).Reverse();
        var device = Path.Combine(project.Folder, "device.cases");
        new CaseRecording(cases.Description with { Machine = "linux-arm64" }, cases.Inputs.ToArray(), answers).Save(device);

        var (exitCode, output, error) = WorkerProcess.Command("compare", recording, device);

        Assert.Equal(1, exitCode);
        Assert.Contains("error PB7010: The artifact answers otherwise on 'linux-arm64': 0.8000 of 5 cases", error, StringComparison.Ordinal);
        Assert.Contains("#0 (common): ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_recording_is_PB6108()
    {
        var recording = Record("--cases", "2");
        File.WriteAllBytes(recording, File.ReadAllBytes(recording)[..^1]);
        var (exitCode, _, error) = WorkerProcess.Command("compare", recording, recording);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error PB6108: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--cases", "0")]
    [InlineData("--batch", "-1")]
    public void A_wrong_number_is_PB1012(string option, string value)
    {
        var (exitCode, _, error) = WorkerProcess.Command("record", project.HarnessPath, "--artifact", Artifact(), "--output", Path.Combine(project.Folder, "x"), option, value);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error PB1012: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(project.Folder, "x")));
    }

    private string Record(params string[] options)
    {
        var recording = Path.Combine(project.Folder, "host.cases");
        var (exitCode, output, error) = WorkerProcess.Command(
            ["record", project.HarnessPath, "--artifact", Artifact(), "--output", recording, "--natives", WorkerProcess.WriteNatives(project), .. options]);
        Assert.True(exitCode == 0, error);
        Assert.Contains(" cases of tiny (linux-arm64) on ", output, StringComparison.Ordinal);
        return recording;
    }

    /// <summary>The model as it is, as if it had been built for a device of another architecture.</summary>
    private string Artifact()
    {
        var folder = Directory.CreateDirectory(Path.Combine(project.Folder, "artifact")).FullName;
        File.Copy(project.ModelPath, Path.Combine(folder, "model.onnx"), overwrite: true);
        var bytes = File.ReadAllBytes(project.ModelPath);
        new ArtifactManifest
        {
            Schema = ArtifactManifest.CurrentSchema, Name = "tiny", Rid = "linux-arm64", Device = "generic", Tool = "0.1.0", Verdict = "pass",
            Files = [new("model.onnx", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)))], Sizes = new(bytes.Length, bytes.Length),
        }.Save(Path.Combine(folder, ArtifactManifest.FileName));
        return folder;
    }
}

using System.Security.Cryptography;
using CsCheck;
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

namespace PruneBuild.Tests.Edge;

/// <summary>Cases that travel to a device, and what it answers.</summary>
[Collection(nameof(KernelRegistry.ForcedTier))]
public sealed class CaseRecordingTests : IDisposable
{
    private static readonly KernelCase Case = TemporaryArtifact.Case;

    private readonly string folder = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_recording_is_read_back_as_it_was_written()
    {
        var path = Path.Combine(folder, "cases");
        var written = Sample([1, float.NaN, -0f, 4, 5, float.PositiveInfinity], [7, 8, 9]);
        written.Save(path);

        var read = CaseRecording.Load(path);

        Assert.Equal(written.Inputs.ToArray(), read.Inputs.ToArray());
        Assert.Equal([8f], read.Outputs(1).ToArray());
        Assert.Equal(["a", "b", "c"], read.Description.Ids);
        Assert.Equal([0, 1, -1], read.Description.Labels);
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void Whatever_is_changed_or_cut_is_PB6108()
    {
        var path = Path.Combine(folder, "cases");
        Sample(new float[6], new float[3]).Save(path);
        var good = File.ReadAllBytes(path);
        var cut = Gen.Int[0, good.Length - 1].Select(length => good[..length]);
        var flipped = Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte[1, 255], (at, bits) =>
        {
            var bytes = (byte[])good.Clone();
            bytes[at] ^= bits;
            return bytes;
        });
        Gen.OneOf(cut, flipped, Gen.Byte.Array[0, 100]).Sample(bytes => Assert.Equal("PB6108", Assert.Throws<EdgeModelException>(() => CaseRecording.Parse(bytes)).Code));
    }

    /// <summary>A file with a right hash and a lying description.</summary>
    [Theory]
    [InlineData("\"batch\": 2", "\"batch\": 0")]
    [InlineData("\"batch\": 2", "\"batch\": 5000")]
    [InlineData("\"outputsPerCase\": 1", "\"outputsPerCase\": 2")]
    [InlineData("\"outputsPerCase\": 1", "\"outputsPerCase\": -1")]
    [InlineData("\"shape\": [\n    2\n  ]", "\"shape\": [\n    9223372036854775807, 2\n  ]")]
    [InlineData("\"shape\": [\n    2\n  ]", "\"shape\": [\n    -2, -1\n  ]")]
    [InlineData("\"shape\": [\n    2\n  ]", "\"shape\": [\n    2000000000, 2000000000, 2000000000\n  ]")]
    [InlineData("\"a\",", "")]
    [InlineData("\"a\",", "null,")]
    [InlineData("{", "[")]
    public void A_description_that_lies_is_PB6108(string text, string lie)
    {
        var path = Path.Combine(folder, "cases");
        Sample(new float[6], new float[3]).Save(path);
        var bytes = File.ReadAllBytes(path);
        var length = BitConverter.ToInt32(bytes, 8);
        var description = System.Text.Encoding.UTF8.GetString(bytes, 12, length);
        Assert.Contains(text, description);
        var lying = System.Text.Encoding.UTF8.GetBytes(description[..description.IndexOf(text, StringComparison.Ordinal)] + lie
            + description[(description.IndexOf(text, StringComparison.Ordinal) + text.Length)..]);
        byte[] content = [.. bytes[..8], .. BitConverter.GetBytes(lying.Length), .. lying, .. bytes[(12 + length)..^32]];

        var exception = Assert.Throws<EdgeModelException>(() => CaseRecording.Parse([.. content, .. SHA256.HashData(content)]));

        Assert.Equal("PB6108", exception.Code);
        Assert.DoesNotContain("damaged", exception.Message);
    }

    [Fact]
    public void A_device_answers_the_recorded_cases_and_says_where()
    {
        using var artifact = new TemporaryArtifact();
        using var model = EdgeModel.Load(artifact.Folder, new() { Threads = 1 });
        var recording = Recorded(model.Manifest.ModelSha256());

        var replayed = model.Replay(recording);

        // Five cases in batches of three: the last one is filled up.
        var expected = model.Run(Rows(0, 3), [3, Case.Inputs]).Concat(model.Run([.. Rows(3, 2), .. new float[Case.Inputs]], [3, Case.Inputs])[..(2 * Case.Outputs)]).ToArray();
        Assert.Equal(expected, Enumerable.Range(0, 5).SelectMany(index => replayed.Outputs(index).ToArray()));
        Assert.Equal(model.KernelTier, replayed.Description.KernelTier);
        Assert.Equal(System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, replayed.Description.Machine);
        Assert.Equal(1, replayed.Description.Threads);
        Assert.NotEmpty(replayed.Description.OnnxRuntime);
    }

    [Fact]
    public void Cases_of_another_artifact_are_refused()
    {
        using var artifact = new TemporaryArtifact();
        using var model = EdgeModel.Load(artifact.Folder);
        Assert.Equal("PB6108", Assert.Throws<EdgeModelException>(() => model.Replay(Recorded(new string('0', 64)))).Code);
    }

    [Theory]
    [InlineData("nowhere", "y")]
    [InlineData("x", "nowhere")]
    public void A_name_that_the_model_lacks_is_PB6107(string input, string output)
    {
        using var artifact = new TemporaryArtifact();
        using var model = EdgeModel.Load(artifact.Folder);
        var recording = Recorded(model.Manifest.ModelSha256());
        var wrong = new CaseRecording(recording.Description with { Input = input, Output = output }, recording.Inputs.ToArray(), new float[5 * Case.Outputs]);
        Assert.Equal("PB6107", Assert.Throws<EdgeModelException>(() => model.Replay(wrong)).Code);
    }

    [Fact]
    public void What_is_said_about_a_model_is_not_in_its_hash()
    {
        var manifest = TemporaryArtifact.Manifest with { Files = [new("model.onnx", 1, new('a', 64)), new("model.onnx.data", 1, new('b', 64)), new("verdict.json", 1, new('c', 64))] };
        var other = manifest with { Verdict = "waived", Files = [manifest.Files[1], manifest.Files[0], manifest.Files[2] with { Sha256 = new('d', 64) }] };
        Assert.Equal(manifest.ModelSha256(), other.ModelSha256());
        Assert.NotEqual(manifest.ModelSha256(), (manifest with { Files = [manifest.Files[0]] }).ModelSha256());
    }

    private static float[] Rows(int first, int count) =>
        [.. Enumerable.Range(first, count).SelectMany(row => Case.X().AsSpan(row % Case.Rows * Case.Inputs, Case.Inputs).ToArray().Select(value => value + row))];

    private static CaseRecording Recorded(string sha256) => new(
        Describe(5, [Case.Inputs], Case.Outputs) with { ArtifactSha256 = sha256, Batch = 3, Output = "y" }, Rows(0, 5), new float[5 * Case.Outputs]);

    private static CaseRecording Sample(float[] inputs, float[] outputs) => new(Describe(3, [2], 1), inputs, outputs);

    private static CaseRecordingDescription Describe(int count, long[] shape, int outputs) => new(
        "demo", new('e', 64), "linux-arm64", "linux-x64", "avx2", "1.0", 1, "x", "y", 2, shape, outputs,
        [.. Enumerable.Range(0, count).Select(index => $"{(char)('a' + index)}")], [.. Enumerable.Repeat("common", count)], [.. Enumerable.Range(0, count).Select(index => index < 2 ? index : -1)]);
}

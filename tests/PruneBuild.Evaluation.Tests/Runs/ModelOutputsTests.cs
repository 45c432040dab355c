namespace PruneBuild.Evaluation.Tests.Runs;

public class ModelOutputsTests
{
    [Fact]
    public void They_are_found_again()
    {
        using var folder = new TemporaryFolder();
        new ModelOutputs([[1.5f, float.NaN], [], [float.MinValue]]).Save(folder["o.bin"]);

        var loaded = ModelOutputs.Load(folder["o.bin"])!;

        Assert.Equal(3, loaded.Count);
        Assert.Equal([1.5f, float.NaN], loaded[0].ToArray());
        Assert.Empty(loaded[1].ToArray());
        Assert.Equal([float.MinValue], loaded[2].ToArray());
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_is_not_there_misses() => Assert.Null(ModelOutputs.Load("/no/such/outputs.bin"));

    [Fact]
    public void Any_changed_or_missing_byte_misses()
    {
        using var folder = new TemporaryFolder();
        new ModelOutputs([[1, 2], [3]]).Save(folder["o.bin"]);
        var good = File.ReadAllBytes(folder["o.bin"]);
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] ^= 0x81;
            Assert.Null(ModelOutputs.Load(folder.Write("o.bin", bad)));
            Assert.Null(ModelOutputs.Load(folder.Write("o.bin", good[..i])));
        }
    }

    [Fact]
    public void The_largest_number_is_the_answer_and_the_first_on_a_tie()
    {
        using var folder = new TemporaryFolder();
        var (harness, cases) = HarnessFiles.Create(folder, HarnessFiles.AnyFloor, ("common", [0, 0, 0]));
        float[] logits = [0, 3, 3, 1, 0, 0, 0, 0, 0, 0];
        var answers = Predictions.Of(harness, cases, new ModelOutputs([logits, [.. Enumerable.Reverse(logits)], [.. logits[..9], float.NaN]]));
        Assert.Equal([1, 7, Predictions.NotFinite], answers.Classes);
        Assert.All(answers.Margins, margin => Assert.Equal(0, margin));
        Assert.Equal(1, answers.Errors);
    }
}

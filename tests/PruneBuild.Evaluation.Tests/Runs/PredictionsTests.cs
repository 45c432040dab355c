namespace PruneBuild.Evaluation.Tests.Runs;

public class PredictionsTests
{
    [Fact]
    public void They_are_found_again_under_their_key()
    {
        using var folder = new TemporaryFolder();
        var predictions = new Predictions([3, Predictions.NotFinite, 0], [0.1f, 0, float.MaxValue]);
        predictions.Save(folder["p.json"], "key");

        var loaded = Predictions.Load(folder["p.json"], "key");

        Assert.Equal(predictions.Classes, loaded!.Classes);
        Assert.Equal(predictions.Margins, loaded.Margins);
        Assert.Equal(1, loaded.Errors);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Another_key_misses()
    {
        using var folder = new TemporaryFolder();
        HarnessFiles.Of([1]).Save(folder["p.json"], "key");
        Assert.Null(Predictions.Load(folder["p.json"], "other"));
        Assert.Null(Predictions.Load(folder["absent.json"], "key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"SchemaVersion":2,"Key":"key","Classes":[1],"Margins":[1]}""")]
    [InlineData("""{"SchemaVersion":1,"Key":"key","Classes":[1],"Margins":[1,2]}""")]
    public void A_damaged_file_misses(string text)
    {
        using var folder = new TemporaryFolder();
        Assert.Null(Predictions.Load(folder.Write("p.json", text), "key"));
    }
}

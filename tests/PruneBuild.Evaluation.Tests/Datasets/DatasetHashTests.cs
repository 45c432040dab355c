using CsCheck;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class DatasetHashTests
{
    private static readonly string[] Lines =
    [
        DatasetFiles.Line("a", """{"text":"one","n":[1,2.5]}""", more: ""","tags":["x"]"""),
        DatasetFiles.Line("b", """{"text":"två","n":[3]}"""),
        DatasetFiles.Line("c", "[0,1]", "1", "edge"),
    ];

    [Fact]
    public void White_space_order_of_keys_and_order_of_lines_do_not_move_the_hash()
    {
        string[] same =
        [
            "",
            """  {"label": 1,"slice":"edge", "input":[0, 1.0e0],"id":"c"}  """,
            """{"tags":["x"],"label":0,"input":{"n":[1,2.50],"text":"\u006fne"},"slice":"common","id":"a"}""" + "\r",
            Lines[1],
        ];
        Assert.Equal(Hash(Lines).Hash, Hash(same).Hash);
    }

    [Theory]
    [InlineData("\"one\"", "\"One\"")]
    [InlineData("2.5", "2.6")]
    [InlineData("[1,2.5]", "[2.5,1]")]
    [InlineData("\"id\":\"b\"", "\"id\":\"d\"")]
    [InlineData("\"edge\"", "\"common\"")]
    [InlineData("\"label\":1", "\"label\":\"1\"")]
    [InlineData("[\"x\"]", "[\"y\"]")]
    public void Any_other_change_moves_it(string from, string to)
    {
        var changed = Lines.Select(line => line.Replace(from, to, StringComparison.Ordinal)).ToArray();
        Assert.NotEqual(Lines, changed);
        Assert.NotEqual(Hash(Lines).Hash, Hash(changed).Hash);
        // Only tags are not scored.
        Assert.Equal(from == "[\"x\"]", Hash(Lines).Scored == Hash(changed).Scored);
    }

    [Fact]
    public void A_case_that_moves_to_another_split_moves_the_hash()
    {
        Assert.NotEqual(Hash(("dev", Lines[..1]), ("gate", Lines[1..])).Hash, Hash(("dev", Lines[..2]), ("gate", Lines[2..])).Hash);
    }

    [Fact]
    public void The_bytes_of_a_named_file_are_part_of_the_case()
    {
        using var folder = new TemporaryFolder();
        folder.Write("x.npy", [1, 2, 3]);
        var path = DatasetFiles.Write(folder, DatasetFiles.NoLimits, ("gate", [DatasetFiles.Line("a", """{"npy":"x.npy"}""")]));
        var before = DatasetHash.Of(Dataset.Load(path));
        folder.Write("x.npy", [1, 2, 4]);
        var after = DatasetHash.Of(Dataset.Load(path));
        Assert.NotEqual(before.Hash, after.Hash);
        Assert.NotEqual(before.Scored, after.Scored);
    }

    [Fact]
    public void Any_order_of_lines_has_the_same_hash() =>
        Gen.Shuffle(Enumerable.Range(0, 12).ToArray()).Sample(order => Hash(Many(order)).Hash == Hash(Many([.. Enumerable.Range(0, 12)])).Hash, iter: 10);

    private static string[] Many(int[] order) => [.. order.Select(number => DatasetFiles.Line($"c{number}", $"[{number}]"))];

    private static DatasetContent Hash(string[] lines) => Hash(("gate", lines));

    private static DatasetContent Hash(params (string, string[])[] splits)
    {
        using var folder = new TemporaryFolder();
        return DatasetHash.Of(Dataset.Load(DatasetFiles.Write(folder, DatasetFiles.NoLimits, splits)));
    }
}

using CsCheck;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation.Tests.Datasets;

public class LeakTests
{
    private const string Text = "please send me the refund for the two broken lamps that i bought last week in your shop";

    [Fact]
    public void The_same_case_in_two_splits_names_both_places()
    {
        using var folder = new TemporaryFolder();
        var findings = DatasetFiles.Lint(
            folder, DatasetFiles.NoLimits,
            ("calibration", [DatasetFiles.Line("x", "\"other\""), DatasetFiles.Line("c", $$"""{"text":"{{Text}}"}""")]),
            ("gate", [DatasetFiles.Line("g", $$"""{"text":"  {{Text.ToUpperInvariant()}}!"}""")]));
        var finding = Assert.Single(findings.Kept);
        Assert.Equal(("PB1051", folder["gate.jsonl"], 1, 7), (finding.Code, finding.File, finding.Line, finding.Column));
        Assert.Equal("Case 'g' of split 'gate' says the same as case 'c' of split 'calibration' at calibration.jsonl(2,7).", finding.Message);
    }

    [Fact]
    public void A_text_with_one_word_changed_is_a_near_duplicate()
    {
        using var folder = new TemporaryFolder();
        var finding = Assert.Single(DatasetFiles.Lint(
            folder, """{ "minSlice": 1, "similarity": 0.6 }""",
            ("dev", [DatasetFiles.Line("d", $"\"{Text}\"")]),
            ("gate", [DatasetFiles.Line("g", $"\"{Text.Replace("broken", "green", StringComparison.Ordinal)}\"")])).Kept);
        // 18 words have 16 runs of three, 3 of them with the word: 13 of 19 are common.
        Assert.Equal("Case 'g' of split 'gate' is 0.68 similar to case 'd' of split 'dev' at dev.jsonl(1,7).", finding.Message);
    }

    [Fact]
    public void Texts_of_one_split_may_be_alike_and_others_are_no_leak()
    {
        using var folder = new TemporaryFolder();
        Assert.Empty(DatasetFiles.Lint(
            folder, DatasetFiles.NoLimits,
            ("dev", [DatasetFiles.Line("d", "\"nothing of this kind was ever said in the other split of it\"")]),
            ("gate", [DatasetFiles.Line("g", $"\"{Text}\""), DatasetFiles.Line("h", $"\"{Text} today\"")])).Kept);
    }

    [Fact]
    public void A_case_of_a_tensor_file_is_found_in_a_JSONL_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.u8", [1, 2, 3, 4]);
        folder.Write("l.u8", [0, 1]);
        folder.Write("g.jsonl", DatasetFiles.Line("g", "[[3],[4.0]]", "1"));
        var path = folder.Write("dataset.json", DatasetFiles.Manifest("""
            "calibration": [{ "slice": "common", "tensors": "t.u8", "labels": "l.u8" }], "gate": ["g.jsonl"]
            """));
        DatasetBump.Apply(path, null);
        Assert.Equal("Case 'g' of split 'gate' says the same as case 't.u8#1' of split 'calibration' at t.u8#1.", HarnessFiles.Fails("PB1051", () => DatasetHash.Check(Dataset.Load(path))).Message);
    }

    [Fact]
    public void MinHash_estimates_the_Jaccard_similarity()
    {
        var hash = new MinHash(1);
        (from common in Gen.Int[0, 300] from left in Gen.Int[1, 200] from right in Gen.Int[1, 200] select (common, left, right)).Sample(size =>
        {
            ulong Item(int number) => MinHash.Mix((ulong)number + 1);
            ulong[] first = [.. Enumerable.Range(0, size.common + size.left).Select(Item).Order()];
            ulong[] second = [.. Enumerable.Range(0, size.common).Concat(Enumerable.Range(1000, size.right)).Select(Item).Order()];
            var jaccard = (double)size.common / (size.common + size.left + size.right);
            Assert.Equal(jaccard, Shingles.Jaccard(first, second), 12);
            var same = hash.Signature(first)!.Zip(hash.Signature(second)!).Count(pair => pair.First == pair.Second) / 64.0;
            // 64 places: five standard errors of at most 0.0625 each.
            Assert.InRange(same, jaccard - 0.32, jaccard + 0.32);
        }, iter: 50, seed: "0000KOIPe036");
    }

    [Fact]
    public void Words_are_told_apart_in_scripts_with_and_without_spaces() =>
        Assert.Equal(["naïve", "x2", "東", "京", "नमस्ते"], NormalizedText.Words("Naïve—X2 東京, नमस्ते!"));
}

using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Scorers;

namespace PruneBuild.Evaluation.Tests.Scorers.Custom;

public class CustomScorersTests
{
    private static readonly SourceLocation At = new("harness.json", 3, 4);
    private static readonly Evaluation.Scorers.Generation Input = new("case-7", "text");

    [Fact]
    public void A_users_scorer_scores_like_any_other()
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["bin/House.dll"], ("house_style", 0.75), ("house_tone", 1));
        var scorers = CustomScorers.Load(folder.Path, "bin/House.dll", At);
        Assert.Equal(["house_style", "house_tone"], scorers.Select(scorer => scorer.Name));
        Measured.Is(0.75, scorers[0].Measure(Input));
        Measured.Is(0.75, CaseScores.Of(scorers[0], [Input, Input]).Mean);
    }

    [Fact]
    public void The_assembly_can_be_replaced_after_it_was_loaded()
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["House.dll"], ("house_style", 0.75));
        CustomScorers.Load(folder.Path, "House.dll", At);
        ScorerAssembly.Write(folder["House.dll"], ("house_style", 0.25));
        Measured.Is(0.25, CustomScorers.Load(folder.Path, "House.dll", At)[0].Measure(Input));
    }

    [Theory]
    [InlineData(double.NaN, "NaN is not a number from 0 to 1")]
    [InlineData(double.PositiveInfinity, "is not a number from 0 to 1")]
    [InlineData(-0.001, "-0.001 is not a number from 0 to 1")]
    [InlineData(1.5, "1.5 is not a number from 0 to 1")]
    [InlineData(null, "InvalidOperationException: no rules loaded")]
    public void A_scorer_that_fails_is_named_with_its_case(double? score, string reason)
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["House.dll"], ("house_style", score));
        var scorer = Assert.Single(CustomScorers.Load(folder.Path, "House.dll", At));
        var diagnostic = HarnessFiles.Fails("PB5020", () => scorer.Measure(Input));
        Assert.StartsWith("Scorer 'house_style' failed on case 'case-7': ", diagnostic.Message, StringComparison.Ordinal);
        Assert.EndsWith(reason, diagnostic.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../House.dll", "it is not inside the folder of the harness")]
    [InlineData("/House.dll", "it is not inside the folder of the harness")]
    [InlineData("missing.dll", "the file does not exist")]
    public void The_assembly_lies_inside_the_project(string path, string reason)
    {
        using var outside = new TemporaryFolder();
        ScorerAssembly.Write(outside["House.dll"], ("house_style", 1));
        Directory.CreateDirectory(outside["project"]);
        Assert.EndsWith($": {reason}.", Unusable(outside["project"], path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_out_of_the_project_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var outside = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(outside["House.dll"], ("house_style", 1));
        File.CreateSymbolicLink(folder["House.dll"], outside["House.dll"]);
        Assert.Contains("not inside", Unusable(folder.Path, "House.dll").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_assembly_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("House.dll", "text");
        Unusable(folder.Path, "House.dll");
    }

    [Theory]
    [InlineData("two words", "is no identifier")]
    [InlineData("", "is no identifier")]
    [InlineData("accuracy", "is the name of a scorer of PruneBuild")]
    [InlineData("recall@10", "is no identifier")]
    [InlineData("not-contains", "is the name of a scorer of PruneBuild")]
    public void A_scorer_needs_a_name_of_its_own(string name, string reason)
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["House.dll"], (name, 1));
        Assert.Contains(reason, Unusable(folder.Path, "House.dll").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_scorers_do_not_share_a_name()
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["House.dll"], ("house_style", 1), ("house_style", 0));
        Assert.Contains("two scorers are named 'house_style'", Unusable(folder.Path, "House.dll").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_assembly_without_scorers_is_a_mistake()
    {
        using var folder = new TemporaryFolder();
        ScorerAssembly.Write(folder["House.dll"]);
        Assert.Contains("no public class", Unusable(folder.Path, "House.dll").Message, StringComparison.Ordinal);
    }

    private static Diagnostic Unusable(string folder, string path)
    {
        var diagnostic = HarnessFiles.Fails("PB1072", () => CustomScorers.Load(folder, path, At));
        Assert.Equal((At.File, At.Line, At.Column), (diagnostic.File, diagnostic.Line, diagnostic.Column));
        return diagnostic;
    }
}

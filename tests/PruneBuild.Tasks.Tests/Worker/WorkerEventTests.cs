using CsCheck;
using PruneBuild.Diagnostics;
using PruneBuild.Tasks.Worker;

namespace PruneBuild.Tasks.Tests.Worker;

public sealed class WorkerEventTests
{
    [Fact]
    public void A_diagnostic_is_read_with_all_its_parts() => Assert.Equal(
        new WorkerEvent.Reported(new Diagnostic("PB4001", Severity.Error, "too low", "/h.json", 41, 5)),
        WorkerEvent.TryParse("""{"event":"diagnostic","severity":"error","code":"PB4001","message":"too low","file":"/h.json","line":41,"column":5}"""));

    [Fact]
    public void A_diagnostic_without_a_place_has_none() => Assert.Equal(
        new WorkerEvent.Reported(new Diagnostic("PB4002", Severity.Warning, "unclear")),
        WorkerEvent.TryParse("""{"event":"diagnostic","severity":"warning","code":"PB4002","message":"unclear","file":null,"line":0,"column":0}"""));

    [Fact]
    public void Progress_without_a_fraction_is_progress() => Assert.Equal(
        new WorkerEvent.Progress("prune", "layer 3", null),
        WorkerEvent.TryParse("""{"event":"progress","stage":"prune","message":"layer 3","fraction":null}"""));

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"event":"weather"}""")]
    [InlineData("""{"event":"result"}""")]
    [InlineData("""{"event":"diagnostic","message":"no code"}""")]
    [InlineData("""{"event":17}""")]
    public void Anything_else_is_no_event(string line) => Assert.Null(WorkerEvent.TryParse(line));

    [Fact]
    public void No_line_makes_the_parser_fail() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "{" + text), Gen.String[Gen.Char["{}[]\":,eventrsul01 "], 0, 60])
            .Sample(line =>
            {
                WorkerEvent.TryParse(line);
            });
}

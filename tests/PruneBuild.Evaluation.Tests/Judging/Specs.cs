using PruneBuild.Evaluation.Judging;

namespace PruneBuild.Evaluation.Tests.Judging;

internal static class Specs
{
    public static JudgeSpec PassFail { get; } = new() { Model = "judge-1", Rubric = "the answer is right", Labels = [new("pass", 1), new("fail", 0)] };

    public static JudgeQuestion Question { get; } = new("c1", "What is two and two?", "four");
}

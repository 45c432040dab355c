using System.CommandLine;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild stage NAME --request FILE [--natives FILE]</c>: one stage of one model, as the build targets call it.</summary>
internal static class StageCommand
{
    public static Command Create()
    {
        var stage = new Argument<string>("name") { Description = $"One of {string.Join(", ", StageRunner.Stages)}." };
        stage.AcceptOnlyFromAmong([.. StageRunner.Stages]);
        var request = new Option<FileInfo>("--request") { Description = "What to do (JSON).", Required = true };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var command = new Command("stage", "Runs one stage of a model; events go to standard output, one JSON object a line.")
        {
            stage, request, natives,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(StageProcess.Run(
            parsed.GetValue(stage)!, parsed.GetValue(request)!.FullName, parsed.GetValue(natives)?.FullName, cancellation)));
        return command;
    }
}

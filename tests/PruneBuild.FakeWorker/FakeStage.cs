using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PruneBuild.FakeWorker;

/// <summary>One stage that does what the model's text says.</summary>
internal static class FakeStage
{
    public static int Run(string stage, FakeRequest request, ModelScript script)
    {
        Console.WriteLine($"parent {Environment.GetEnvironmentVariable("PRUNEBUILD_PARENT_PID")}");
        Send(new { @event = "progress", stage, message = $"{stage} runs", fraction = 0.5 });
        var behaviour = script.Behaviour(stage).Split(' ');
        switch (behaviour[0])
        {
            case "abort":
                Console.Error.WriteLine("something terrible happened");
                Environment.FailFast("aborted on request");
                break;
            case "kill":
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "hang":
                HangWithChild(request);
                break;
            case "exit":
                Console.Error.WriteLine("leaving early");
                return int.Parse(behaviour[1], CultureInfo.InvariantCulture);
            case "silent":
                return 0;
            case "garbage":
                Console.WriteLine("{\"event\":\"result\",\"success\":");
                Console.WriteLine("{\"event\":\"diagnostic\",\"code\":17}");
                Console.WriteLine("{0} {not a format}");
                break;
            case "warn":
                Send(new { @event = "diagnostic", severity = "warning", code = "PB4002", message = "100% {sure}", file = request.Model, line = 2, column = 3 });
                break;
            case "blame":
                Send(new { @event = "diagnostic", severity = "error", code = "PB1012", message = "not with this model", file = request.ProjectFile, line = 0, column = 0 });
                return 1;
            case "error":
                Send(new { @event = "diagnostic", severity = "error", code = "PB3001", message = "nothing to prune", file = request.Model, line = 4, column = 5 });
                return int.Parse(behaviour[1], CultureInfo.InvariantCulture);
        }
        if (stage == "evaluate" && !Passes(request, script))
            return 1;
        if (stage == "package")
            FakeArtifact.Write(request, script);
        Send(new { @event = "result", stage, success = true, message = "done" });
        return 0;
    }

    private static bool Passes(FakeRequest request, ModelScript script)
    {
        if (request.Harness is null)
            return true;
        var floor = double.Parse(File.ReadAllText(request.Harness).Split(' ')[1], CultureInfo.InvariantCulture);
        if (script.Score >= floor)
            return true;
        Send(new { @event = "diagnostic", severity = "error", code = "PB4001", message = $"accuracy {script.Score}, floor {floor}", file = request.Harness, line = 1, column = 7 });
        Send(new { @event = "result", stage = "evaluate", success = false, message = "failed" });
        return false;
    }

    /// <summary>A worker that never ends and has a child that never ends, so that ending one alone is noticed.</summary>
    private static void HangWithChild(FakeRequest request)
    {
        using var child = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        File.WriteAllText(request.StampFile + ".pids", $"{Environment.ProcessId} {child.Id}");
        Thread.Sleep(Timeout.Infinite);
    }

    private static void Send(object value) => Console.WriteLine(JsonSerializer.Serialize(value));
}

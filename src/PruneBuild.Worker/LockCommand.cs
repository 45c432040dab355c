using System.CommandLine;
using System.Globalization;
using System.Reflection;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild lock HARNESS --model MODEL</c>: fixes floors, cases and dense parent before anything is compressed.</summary>
internal static class LockCommand
{
    public static Command Create()
    {
        var harness = HarnessOption.Argument();
        var model = new Option<string>("--model", "-m") { Description = "The dense parent, an .onnx file or a folder in Hugging Face layout.", Required = true };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var command = new Command("lock", "Writes the lock of a harness: floors, hashes of cases and dense parent, and what the parent scores.") { harness, model, natives };
        command.SetAction((parsed, cancellation) => Task.FromResult(CommandFailure.Catch(parsed, () =>
        {
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            var (locked, obstacles) = HarnessLocking.Lock(
                HarnessOption.Existing(parsed.GetValue(harness)!), Path.GetFullPath(parsed.GetValue(model)!), Version, HarnessOption.Today,
                Environment.ProcessorCount, cancellation);
            foreach (var obstacle in obstacles.SkipLast(1))
                parsed.InvocationConfiguration.Error.WriteLine(obstacle);
            if (obstacles.Count > 0)
                throw new PruneBuildException(obstacles[^1]);
            Print(locked!, parsed.InvocationConfiguration.Output);
        })));
        return command;
    }

    private static string Version =>
        typeof(LockCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static void Print(HarnessLock locked, TextWriter output)
    {
        output.WriteLine($"locked {locked.Harness}: {locked.Floors.Count} floors, {locked.Cases.Count} case files, {locked.Model[0].File}");
        foreach (var slice in locked.Parent)
        {
            var scores = slice.Scores.Select(score => $"{score.Key} {score.Value.ToString("F4", CultureInfo.InvariantCulture)}");
            output.WriteLine($"  {slice.Slice}: n={slice.Cases}, {string.Join(", ", scores)}");
        }
    }
}

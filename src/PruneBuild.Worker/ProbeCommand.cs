using System.CommandLine;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Pipeline;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild probe</c>: what the worker starts for every model and profile that it measures, so that limits hold for the model alone.</summary>
internal static class ProbeCommand
{
    private const string Name = "probe";
    private const string Natives = "--natives";

    public static Command Create()
    {
        var natives = new Option<FileInfo?>(Natives) { Description = "Where the native libraries lie (JSON)." };
        var command = new Command(Name, "Runs one model for the worker that started it.") { natives };
        command.Hidden = true;
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            ProbeServer.Serve(Open, Console.In, Console.Out);
        }));
        return command;
    }

    private static IModelProbe Open(ProbeJob job) => job.Writing is null
        ? new LocalProbe(job)
        : new WritingProbe(job, one => ModelWriter.Open(one.Model, one.Writing!.Folder, one.Threads));

    /// <summary>Starts this worker again for a model and a profile.</summary>
    /// <param name="natives">The file with the native libraries, or null.</param>
    public static StartProbe Starting(string? natives) => (profile, job, cancellation) =>
    {
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string[] arguments = [.. isHost ? ["exec", typeof(ProbeCommand).Assembly.Location] : Array.Empty<string>(), Name, .. natives is null ? [] : (string[])[Natives, natives]];
        return new ChildProbe(profile, program, arguments, job, cancellation);
    };
}

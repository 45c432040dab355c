using System.CommandLine;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild record HARNESS --artifact FOLDER --output FILE</c>: cases and what an artifact answers to them here, for a device to answer as well.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var harness = HarnessOption.Argument();
        var artifact = new Option<DirectoryInfo>("--artifact", "-a") { Description = "The folder of the artifact, with its manifest.", Required = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The recording to write.", Required = true };
        var cases = Number("--cases", "Cases of each slice, evenly spread.", 100);
        var batch = Number("--batch", "Cases that the model gets at once.", 1);
        var threads = Number("--threads", "Threads within one operator.", 1);
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var command = new Command("record", "Records cases and what an artifact answers to them on this machine; a device replays them.")
        {
            harness, artifact, output, cases, batch, threads, natives,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            int Positive(Option<int> option)
            {
                var value = parsed.GetValue(option);
                return value > 0 ? value : throw new PruneBuildException("PB1012", value, option.Name, "at least 1 is expected");
            }
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            var recording = Record(
                HarnessOption.Existing(parsed.GetValue(harness)!), parsed.GetValue(artifact)!.FullName, Positive(cases), Positive(batch), Positive(threads));
            recording.Save(parsed.GetValue(output)!.FullName);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"recorded {recording.Count} cases of {recording.Description.Artifact} ({recording.Description.Rid}) on {recording.Description.Machine}, kernels {recording.Description.KernelTier}");
        }));
        return command;
    }

    private static CaseRecording Record(string harnessFile, string folder, int perSlice, int batch, int threads)
    {
        var harness = Harness.Load(harnessFile);
        if (harness.Kind != TaskKind.Classification)
            throw new PruneBuildException("PB1012", harness.Task, "task", "classification can be recorded so far").At(harness.File);
        var cases = CaseSet.Load(harness);
        var manifest = ArtifactManifest.Load(Path.Combine(folder, ArtifactManifest.FileName));
        var model = Path.Combine(folder, manifest.ModelFile().Path);
        // Not EdgeModel: an artifact of another processor is recorded here, where it was evaluated.
        using var session = ModelSession.Open(model, threads);
        var input = harness.Input.Name ?? session.InputNames[0];
        var shape = session.InputMetadata.TryGetValue(input, out var metadata) ? metadata.Dimensions
            : throw new PruneBuildException("PB5001", model, $"the model has no input '{input}'");
        var picked = RecordedCases.Pick(harness, cases, perSlice);
        var description = new CaseRecordingDescription(
            manifest.Name, manifest.ModelSha256(), manifest.Rid, "", "", "", threads, input, harness.Output ?? session.OutputNames[0],
            shape is [> 0, ..] ? shape[0] : batch, [.. harness.Input.BatchShape(1).Skip(1)], harness.Classes,
            [.. picked.Indices.Select(cases.Id)], [.. picked.Indices.Select(index => cases.Slices[cases.SliceOf[index]])], [.. picked.Indices.Select(index => cases.Labels[index])]);
        return CaseReplay.Run(session, description, picked.Inputs, threads);
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}

using System.CommandLine;
using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Pipeline;
using PruneBuild.Runtime;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild measure HARNESS --artifact FOLDER --parent MODEL --output FILE</c>: on a device, what the gate of another machine cannot measure.</summary>
internal static class MeasureCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var harness = HarnessOption.Argument();
        var artifact = new Option<DirectoryInfo>("--artifact", "-a") { Description = "The folder of the artifact, with its manifest.", Required = true };
        var parent = new Option<string>("--parent", "-p") { Description = "The dense parent, an .onnx file or a folder in Hugging Face layout.", Required = true };
        var output = new Option<FileInfo>("--output", "-o") { Description = "The file to write, for PruneBuildMeasurements.", Required = true };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var command = new Command("measure", "Measures an artifact against its parent on this machine, under every profile of a harness. Keep the machine idle meanwhile.")
        {
            harness, artifact, parent, output, natives,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(CommandFailure.Catch(parsed, () =>
        {
            var file = Measure(
                HarnessOption.Existing(parsed.GetValue(harness)!), parsed.GetValue(artifact)!.FullName, Path.GetFullPath(parsed.GetValue(parent)!),
                ProbeCommand.Starting(parsed.GetValue(natives)?.FullName), cancellation);
            file.Save(parsed.GetValue(output)!.FullName);
            foreach (var record in file.Records)
                Print(record, parsed.InvocationConfiguration.Output);
        })));
        return command;
    }

    private static PerformanceFile Measure(string harnessFile, string folder, string parent, StartProbe start, CancellationToken cancellation)
    {
        var harness = Harness.Load(harnessFile);
        var cases = CaseSet.Load(harness, PromptTokens.Of(parent));
        var manifest = ArtifactManifest.Load(Path.Combine(folder, ArtifactManifest.FileName));
        if (manifest.Rid != HostMachine.Rid)
            throw new PruneBuildException("PB1012", manifest.Rid, "--artifact", $"this machine is {HostMachine.Rid}");
        using var dense = ParentFile.Open(parent);
        var work = new MeasuringWork(
            harness, cases, TimedCases.Choose(cases, harness.Performance.Latency.Blocks), dense.Path, Path.Combine(folder, manifest.ModelFile().Path));
        var scratch = Directory.CreateTempSubdirectory("prunebuild-measure-").FullName;
        try
        {
            using var alone = MeasurementLock.Enter(Patience, cancellation: cancellation);
            return new PerformanceFile([.. harness.Profiles.Select(profile => work.Measure(profile, start, Environment.ProcessorCount, scratch, HarnessOption.Today, cancellation))]);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static void Print(PerformanceRecord record, TextWriter output)
    {
        var culture = CultureInfo.InvariantCulture;
        var latency = record.Compare(new LatencyOptions());
        output.WriteLine(string.Create(culture, $"{(record.Profile.Length > 0 ? record.Profile : "no profile")}: {record.Candidate.Failure ?? record.Parent.Failure ?? Times(latency!)}"));
        foreach (var limit in record.Limits)
            output.WriteLine($"  {limit}");
        if (latency?.Instability is { } noise)
            output.WriteLine($"  too noisy to decide: {noise}");

        string Times(LatencyComparison compared) => string.Create(
            culture, $"{compared.Candidate.MedianSeconds * 1000:g4} ms against {compared.Parent.MedianSeconds * 1000:g4} ms, ratio {compared.Ratio:F3} (95 % bounds {compared.RatioLower:F3} and {compared.RatioUpper:F3})");
    }
}

using PruneBuild.Compression.Natives;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Pipeline;
using PruneBuild.Runtime;

namespace PruneBuild.Benchmarks.Pruning;

/// <summary>Runs a recipe as a build does, in a temporary folder, and prints what became of the model.</summary>
internal sealed class RecipeRun : IWorkReporter
{
    public static void Run(string model, string recipe, string harness, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-recipe-").FullName;
        try
        {
            var request = new WorkRequest
            {
                Version = WorkRequest.CurrentVersion,
                Name = Path.GetFileNameWithoutExtension(model),
                Model = Path.GetFullPath(model),
                Recipe = Path.GetFullPath(recipe),
                Harness = Path.GetFullPath(harness),
                Rid = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier,
                StagesFolder = Path.Combine(folder, "stages"),
                ArtifactFolder = Path.Combine(folder, "artifact"),
                StampFile = Path.Combine(folder, "stamp.json"),
                Threads = threads,
                Inconclusive = "warn",
            };
            var reporter = new RecipeRun();
            foreach (var stage in StageRunner.Stages)
                StageRunner.Run(stage, request, reporter, CancellationToken.None);
            Print(request);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Report(Diagnostic diagnostic) => Console.WriteLine($"    {diagnostic.Severity} {diagnostic.Code}: {diagnostic.Message}");

    public void Progress(string stage, string message, double? fraction = null) => Console.WriteLine($"    {stage}: {message}");

    private static void Print(WorkRequest request)
    {
        var manifest = ArtifactManifest.Load(Path.Combine(request.ArtifactFolder, ArtifactManifest.FileName));
        var verdict = Verdict.Load(Path.Combine(request.ArtifactFolder, "verdict.json"), request.Harness!);
        Console.WriteLine("| slice | cases | dense parent | artifact |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var slice in verdict.Slices.Append(verdict.Overall))
            Console.WriteLine(FormattableString.Invariant($"| {slice.Slice} | {slice.Cases} | {100 * slice.ParentAccuracy:0.00} | {100 * slice.CandidateAccuracy:0.00} |"));
        var weights = manifest.Layers.Sum(layer => (long)layer.Outputs * layer.Inputs);
        var zeros = manifest.Layers.Sum(layer => layer.Sparsity * layer.Outputs * layer.Inputs);
        Console.WriteLine(FormattableString.Invariant(
            $"{zeros / weights:0.0000} of {weights:N0} weights are zero; {manifest.Sizes.ParentBytes:N0} bytes became {manifest.Sizes.ArtifactBytes:N0}; verdict {manifest.Verdict}"));
    }
}

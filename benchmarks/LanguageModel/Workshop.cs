using System.Diagnostics;
using PruneBuild.Benchmarks.Harness;
using PruneBuild.Benchmarks.LargeModel;
using PruneBuild.Pipeline;

namespace PruneBuild.Benchmarks.LanguageModel;

/// <summary>Runs the stages of a build in this process, on a model in a temporary folder.</summary>
internal sealed class Workshop : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("prunebuild-language-");

    public Workshop(Shape shape)
    {
        Model = Path.Combine(folder.FullName, "model");
        SyntheticCheckpoint.Write(shape, Model, isEmpty: false);
    }

    /// <summary>The checkpoint.</summary>
    public string Model { get; }

    /// <summary>Makes an artifact.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="recipe">JSON.</param>
    /// <param name="tell">Whether times and memory of the stages are printed.</param>
    /// <returns>The artifact's folder.</returns>
    public string Build(string name, string recipe, bool tell)
    {
        var file = Path.Combine(folder.FullName, name + ".recipe.json");
        File.WriteAllText(file, recipe);
        var request = new WorkRequest
        {
            Version = WorkRequest.CurrentVersion, Name = name, Model = Model, Recipe = file, Rid = "linux-x64",
            StagesFolder = Path.Combine(folder.FullName, "stages"), ArtifactFolder = Path.Combine(folder.FullName, name), StampFile = Path.Combine(folder.FullName, name + ".stamp.json"),
        };
        var reporter = new QuietReporter();
        foreach (var stage in StageRunner.Stages)
        {
            var clock = Stopwatch.StartNew();
            StageRunner.Run(stage, request, reporter, CancellationToken.None);
            if (tell)
                Console.WriteLine(FormattableString.Invariant($"| {stage} | {clock.Elapsed.TotalSeconds:0.0} | {PeakMemory.Bytes() / 1e9:0.00} |"));
        }
        if (reporter.Errors.Count > 0)
            throw new InvalidOperationException(reporter.Errors[0]);
        return request.ArtifactFolder;
    }

    public void Dispose() => folder.Delete(recursive: true);
}

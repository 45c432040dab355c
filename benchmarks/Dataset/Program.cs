using System.Diagnostics;
using System.Globalization;
using PruneBuild.Benchmarks.LargeModel;
using PruneBuild.Evaluation.Datasets;

// Writes a dataset of so many text cases, a tenth of them for calibration, and lints and hashes it; one process, so that the peak is of both.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var lines = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
var folder = Directory.CreateTempSubdirectory("prunebuild-dataset-").FullName;
try
{
    var random = new Random(1);
    Write("calibration.jsonl", 0, lines / 10);
    Write("gate.jsonl", lines / 10, lines);
    var manifest = Path.Combine(folder, Dataset.FileName);
    File.WriteAllText(manifest, """{ "name": "made", "version": "1.0.0", "splits": { "calibration": ["calibration.jsonl"], "gate": ["gate.jsonl"] } }""");
    var bytes = Directory.EnumerateFiles(folder, "*.jsonl").Sum(file => new FileInfo(file).Length);
    Console.WriteLine($"CPU {Cpu.Name()}, {Environment.ProcessorCount} cores");
    Console.WriteLine($"{lines} lines, {bytes / 1e6:F1} MB");

    var watch = Stopwatch.StartNew();
    DatasetBump.Apply(manifest, step: null);
    Console.WriteLine($"hash  {watch.Elapsed.TotalSeconds:F2} s, peak {PeakMemory.Bytes() / 1e6:F0} MB");
    watch.Restart();
    var findings = DatasetLint.Of(Dataset.Load(manifest));
    Console.WriteLine($"lint  {watch.Elapsed.TotalSeconds:F2} s, peak {PeakMemory.Bytes() / 1e6:F0} MB, {findings.Errors} errors, {findings.Warnings} warnings");

    void Write(string name, int first, int end)
    {
        using var writer = new StreamWriter(Path.Combine(folder, name));
        for (var i = first; i < end; i++)
        {
            var words = Enumerable.Range(0, random.Next(20, 80)).Select(_ => $"word{random.Next(5000)}");
            writer.WriteLine($$"""{"id":"case-{{i}}","slice":"{{(i % 3 == 0 ? "edge" : "common")}}","input":{"text":"{{string.Join(' ', words)}}"},"label":{{random.Next(10)}},"tags":["lang:en"]}""");
        }
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

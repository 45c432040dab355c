using System.Diagnostics;
using System.Globalization;
using PruneBuild.Compression.Calibration;
using PruneBuild.Graph;

namespace PruneBuild.Benchmarks.LargeModel;

/// <summary>
/// Calibrates a chain of MatMuls that is larger than the memory it may take, or a model file on random images. Options: [layers]
/// [width] [budget in MB], 128, 2048 and 300 by default; or a path and the number of images [3, 32, 32].
/// </summary>
internal static class CalibrationRunner
{
    private const double Megabyte = 1 << 20;
    private const int Batch = 64;

    public static int Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-large-");
        try
        {
            var image = args.Length > 0 && File.Exists(args[0]);
            var path = image ? args[0] : Path.Combine(folder.FullName, "dense.onnx");
            var width = Number(args, 1, image ? 512 : 2048);
            if (!image)
                SyntheticModel.Write(path, Number(args, 0, 128), width);
            var rows = image ? width : 4 * Batch;
            var options = new CalibrationOptions
            {
                Threads = Environment.ProcessorCount,
                MemoryBudget = image ? long.MaxValue : (long)(Number(args, 2, 300) * Megabyte),
                ScratchFolder = folder.FullName,
            };
            using var model = OnnxModel.Load(path);
            var start = PeakMemory.Bytes();
            var clock = Stopwatch.StartNew();
            var run = Calibrator.CollectToFile(
                Path.Combine(folder.FullName, "statistics.bin"), model, path, WeightSites.Find(model),
                Batches(model.Graph.Input[0].Name, image ? [3, 32, 32] : [width], rows), options, CancellationToken.None);
            clock.Stop();
            Console.WriteLine($"command          LargeModel calibrate {string.Join(' ', args)}");
            Console.WriteLine($"cpu              {Cpu.Name()}, {Environment.ProcessorCount} cores");
            Console.WriteLine($"weights          {model.WeightBytes / Megabyte:F0} MB, {WeightSites.Find(model).Count} layers");
            Console.WriteLine($"segments         {run.Segments}, {run.SpooledBytes / Megabyte:F1} MB on disk between them for a batch of {Batch}");
            Console.WriteLine($"budget           {(image ? "none" : $"{options.MemoryBudget / Megabyte:F0} MB")} {run.Reason}");
            Console.WriteLine($"statistics       {new FileInfo(Path.Combine(folder.FullName, "statistics.bin")).Length / Megabyte:F0} MB of {rows} samples");
            Console.WriteLine($"peak resident    {PeakMemory.Bytes() / Megabyte:F0} MB ({start / Megabyte:F0} MB before)");
            Console.WriteLine($"calibrate        {clock.Elapsed.TotalSeconds:F1} s");
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Number(string[] args, int position, int missing) =>
        args.Length > position ? int.Parse(args[position], CultureInfo.InvariantCulture) : missing;

    private static IEnumerable<CalibrationBatch> Batches(string input, long[] shape, int rows)
    {
        var random = new Random(1);
        var size = (int)shape.Aggregate((product, dimension) => product * dimension);
        for (var first = 0; first < rows; first += Batch)
        {
            var data = new float[Batch * size];
            foreach (ref var value in data.AsSpan())
                value = (float)((random.NextDouble() - 0.5) * 4);
            yield return new CalibrationBatch(new Dictionary<string, CalibrationTensor> { [input] = new(data, [Batch, .. shape]) });
        }
    }
}

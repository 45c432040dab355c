using System.Reflection;
using MeterReader.Rendering;
using MeterReader.Training;
using PruneBuild.Compression.Natives;

TrainingOptions options;
try
{
    options = TrainingOptions.Parse(args);
}
catch (FormatException reason)
{
    Console.Error.WriteLine(reason.Message);
    Console.Error.WriteLine(TrainingOptions.Usage);
    return 2;
}

if (options.ContactSheet.Length > 0)
{
    File.WriteAllBytes(options.ContactSheet, ContactSheet.Draw());
    return 0;
}

if (options.Windows.Length > 0)
{
    File.WriteAllBytes(options.Windows, DataSets.Training(options.Seed, options.Renders).Images);
    return 0;
}

Console.WriteLine("MeterReader.Training " + string.Join(' ', args));
HostNatives.FromPackages(BuiltWith("NuGetPackageRoot"), BuiltWith("LibTorchRid")).Use(Path.Combine(Path.GetTempPath(), "prunebuild-natives"));
TorchNatives.Load(options.Threads);

var cases = DataSets.CaseCounts.Select(slice => (slice.Slice, Digits: DataSets.Cases(slice.Slice, slice.Count))).ToArray();
var pool = DataSets.Training(options.Seed, options.Renders);
Console.WriteLine($"{pool.Count} training windows rendered");

using var network = Trainer.Train(options, pool);
var modelFile = Path.Combine(options.OutputFolder, "models", "meter-digits.onnx");
OnnxExport.Write(network, modelFile);
CaseFiles.Write(Path.Combine(options.OutputFolder, "eval"), cases, DataSets.Calibration());

foreach (var (slice, digits) in cases)
    Console.WriteLine($"{slice,-12} {OnnxAccuracy.Of(modelFile, digits):P2}   n={digits.Count}");

Console.WriteLine($"the smallest {Trainer.PreparedSparsity:P0} of the 8x4 blocks hold {WeightBlocks.EnergyOfSmallest(network.Dense1.weight!, Trainer.PreparedSparsity):P2} "
    + $"(dense1) and {WeightBlocks.EnergyOfSmallest(network.Dense2.weight!, Trainer.PreparedSparsity):P2} (dense2) of the squared weight; accuracy without them, before any recovery:");
network.LeaveOutSmallestBlocks(Trainer.PreparedSparsity);
foreach (var (slice, digits) in cases)
    Console.WriteLine($"{slice,-12} {Trainer.Accuracy(network, digits):P2}");
return 0;

static string BuiltWith(string key) => typeof(TrainingOptions).Assembly
    .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

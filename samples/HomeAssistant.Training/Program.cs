using System.Reflection;
using HomeAssistant.Language;
using HomeAssistant.Training;
using PruneBuild.Compression.Natives;
using TorchSharp;

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

if (options.Show > 0)
{
    foreach (var slice in Enum.GetValues<Slice>())
        foreach (var example in ExampleSets.Gate(slice, options.Show))
            Console.WriteLine($"{slice,-11} {example.Kind,-13} {example.Sentence}  =>  {example.Answer.ToJson()}");
    return 0;
}

Console.WriteLine("HomeAssistant.Training " + string.Join(' ', args));
HostNatives.FromPackages(BuiltWith("NuGetPackageRoot"), BuiltWith("LibTorchRid")).Use(Path.Combine(Path.GetTempPath(), "prunebuild-natives"));
TorchNatives.Load(options.Threads);

var shape = new NetworkShape();
var vocabulary = ChatVocabulary.Learn(shape.Vocabulary);
var encoder = new ChatEncoder(vocabulary);
if (options.Check.Length > 0)
{
    using var measured = ModelFile.Open(options.Check, options.Threads);
    Accuracies.Print(options.Check, measured, encoder, byKind: true);
    return 0;
}

var lengths = ExampleSets.Training().Take(2000).Select(example => encoder.Encode(example).Tokens.Count).Order().ToArray();
Console.WriteLine($"{shape.Parameters:N0} parameters; examples have {lengths[lengths.Length / 2]} tokens in the median, {lengths[^1]} at most");

torch.manual_seed(options.Seed);
using var network = new LlamaNetwork(shape, NetworkShape.MaxPositions);
new Trainer(options, network, encoder).Train();
Accuracies.Print("as trained", network, encoder, byKind: false);

network.RoundToHalf();
var folder = Path.Combine(options.OutputFolder, "models", "assistant");
HuggingFaceExport.Write(folder, network, vocabulary);
EvaluationFiles.Write(Path.Combine(options.OutputFolder, "eval"), encoder);
using var exported = ModelFile.Open(folder, options.Threads);
Accuracies.Print("as committed, imported and run by ONNX Runtime", exported, encoder, byKind: true);
Console.WriteLine($"largest difference of a logit from the network's: {ExactMatch.LargestDifference(network, exported, encoder, ExampleSets.Calibration().Take(50)):E2}");

network.LeaveOutSmallestBlocks(Trainer.PreparedSparsity);
network.IsSparse = true;
Accuracies.Print($"without the smallest {Trainer.PreparedSparsity:P0} of the 8x4 blocks, before any recovery", network, encoder, byKind: false);
return 0;

static string BuiltWith(string key) => typeof(TrainingOptions).Assembly
    .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

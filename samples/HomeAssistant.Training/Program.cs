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
var lengths = ExampleSets.Training().Take(2000).Select(example => encoder.Encode(example).Tokens.Count).Order().ToArray();
Console.WriteLine($"{shape.Parameters:N0} parameters; examples have {lengths[lengths.Length / 2]} tokens in the median, {lengths[^1]} at most");

torch.manual_seed(options.Seed);
using var network = new LlamaNetwork(shape, NetworkShape.MaxPositions);
new Trainer(options, network, encoder).Train();

HuggingFaceExport.Write(Path.Combine(options.OutputFolder, "models", "assistant"), network, vocabulary);
EvaluationFiles.Write(Path.Combine(options.OutputFolder, "eval"), encoder);

Report("dense");
network.LeaveOutSmallestBlocks(Trainer.PreparedSparsity);
network.IsSparse = true;
Report($"without the smallest {Trainer.PreparedSparsity:P0} of the blocks");
return 0;

void Report(string title)
{
    Console.WriteLine($"{title}, answers right to the letter:");
    foreach (var (slice, count) in ExampleSets.GateCounts)
    {
        var right = ExactMatch.Of(network, encoder, ExampleSets.Gate(slice, count));
        Console.WriteLine($"{slice,-12} {right.Average(answer => answer ? 1.0 : 0.0):P2}   n={right.Count}");
    }
}

static string BuiltWith(string key) => typeof(TrainingOptions).Assembly
    .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

using System.CommandLine;
using PruneBuild.Benchmarks.Kernels;

var inputs = new Option<int>("--inputs", "-k") { DefaultValueFactory = _ => 2048, Description = "Inputs of the layer (K)." };
var outputs = new Option<int>("--outputs", "-n") { DefaultValueFactory = _ => 2048, Description = "Outputs of the layer (N)." };
var rows = new Option<int>("--rows", "-m") { DefaultValueFactory = _ => 1, Description = "Rows of activations (M)." };
var threads = new Option<int>("--threads", "-t") { DefaultValueFactory = _ => 1, Description = "Threads of every session." };
var seconds = new Option<double>("--seconds", "-s") { DefaultValueFactory = _ => 20, Description = "Seconds to measure in all." };
var sparsities = new Option<double[]>("--sparsity") { DefaultValueFactory = _ => [0.5, 0.8, 0.9], AllowMultipleArgumentsPerToken = true, Description = "Fractions of zero blocks." };
var flush = new Option<int>("--flush") { DefaultValueFactory = _ => 0, Description = "MiB to read before each run, to push weights out of the caches." };
var command = new RootCommand("Times sparse kernels against ONNX Runtime's dense ones: one process, one layer a session, interleaved, medians.")
{
    inputs, outputs, rows, threads, seconds, sparsities, flush,
};
command.SetAction(parsed =>
{
    var layer = new Layer(parsed.GetValue(inputs), parsed.GetValue(outputs), parsed.GetValue(rows), parsed.GetValue(threads));
    using var comparison = new Comparison(layer, parsed.GetValue(sparsities)!);
    comparison.Measure(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(flush));
    Console.Write(comparison.ToMarkdown($"dotnet run -c Release --project benchmarks/Kernels -- {string.Join(' ', args)}"));
});
return command.Parse(args).Invoke();

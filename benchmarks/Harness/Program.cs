using System.Diagnostics;
using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Benchmarks.Harness;
using PruneBuild.Benchmarks.LargeModel;
using PruneBuild.Pipeline;
using PruneBuild.Targeting.Calibration;

// Gates the sample's model on many cases, then again after a floor was changed. Arguments: [cases] [folder of the sample].
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["evaluate", var file])
{
    var reported = new QuietReporter();
    StageRunner.Run("evaluate", WorkRequest.Load(file), reported, CancellationToken.None);
    Console.WriteLine(reported.Gate);
    return 0;
}
var cases = args.Length > 0 ? int.Parse(args[0]) : 10_000;
var sample = Path.GetFullPath(args.Length > 1 ? args[1] : "samples/MeterReader");
var folder = Directory.CreateTempSubdirectory("prunebuild-harness-").FullName;
try
{
    var recipe = Path.Combine(folder, "recipe.json");
    var harness = Path.Combine(folder, "harness.json");
    File.WriteAllText(recipe, """{ "version": 1, "prune": { "pattern": "8x4", "sparsity": 0.8, "skip": ["conv*"] }, "quantize": { "precision": "int8" }, "batch": 64 }""");
    SampleCases.Write(sample, folder, cases);
    SampleCases.WriteHarness(harness, 0.20);
    var request = new WorkRequest
    {
        Version = WorkRequest.CurrentVersion,
        Name = "meter-digits",
        Model = Path.Combine(sample, "models", "meter-digits.onnx"),
        Recipe = recipe,
        Harness = harness,
        Rid = HostMachine.Rid,
        StagesFolder = Path.Combine(folder, "stages"),
        ArtifactFolder = Path.Combine(folder, "artifact"),
        StampFile = Path.Combine(folder, "stamp.json"),
    };
    var reporter = new QuietReporter();
    StageRunner.Run("select", request, reporter, CancellationToken.None);

    Console.WriteLine($"command          Harness {cases}");
    Console.WriteLine($"cpu              {Cpu.Name()}, {Environment.ProcessorCount} cores");
    var seconds = Evaluate();
    Console.WriteLine($"cases            {cases}, on parent and candidate");
    Console.WriteLine($"gate, all anew   {seconds:F2} s, {cases / seconds:F0} cases/s; {reporter.Gate}");
    Console.WriteLine($"peak resident    {PeakMemory.Bytes() / (double)(1 << 20):F0} MB");

    SampleCases.WriteHarness(harness, 0.21);
    seconds = Evaluate();
    Console.WriteLine($"changed floor    {seconds * 1000:F0} ms with the files read; {reporter.Gate}");

    // A build asks a new process, in which nothing is compiled yet.
    SampleCases.WriteHarness(harness, 0.22);
    var stored = Path.Combine(folder, "request.json");
    File.WriteAllText(stored, JsonConvert.SerializeObject(request));
    var clock = Stopwatch.GetTimestamp();
    using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["evaluate", stored]) { RedirectStandardOutput = true })!;
    var line = process.StandardOutput.ReadToEnd().Trim();
    process.WaitForExit();
    Console.WriteLine($"in a new process {Stopwatch.GetElapsedTime(clock).TotalMilliseconds:F0} ms from its start to its end; {line}");
    return process.ExitCode;

    double Evaluate()
    {
        var start = Stopwatch.GetTimestamp();
        StageRunner.Run("evaluate", request, reporter, CancellationToken.None);
        if (reporter.Errors.Count > 0)
            throw new InvalidOperationException(string.Join('\n', reporter.Errors));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

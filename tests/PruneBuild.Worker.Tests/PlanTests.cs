using System.Diagnostics;
using Newtonsoft.Json.Linq;
using PruneBuild.Pipeline.Tests;
using PruneBuild.Tests;

namespace PruneBuild.Worker.Tests;

public sealed class PlanTests
{
    private static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Process.Start(WorkerProcess.StartInfo(arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    [Fact]
    public void Every_layer_is_a_line_and_the_totals_follow()
    {
        using var project = new TinyProject();

        var (exitCode, output, error) = Run("plan", project.ModelPath, "-r", "linux-arm64", "--pattern", "8x4", "--sparsity", "0.9", "--precision", "fp32,int8,int4");

        Assert.True(exitCode == 0, error);
        Assert.Contains("linux-arm64-generic (linux-arm64)", output, StringComparison.Ordinal);
        Assert.Contains("block8x4.int8 90%", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^best dense +\d+\.\d\d +\d+\.\d +\d+\.\d\dx$", output);
        Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 160));
    }

    [Theory]
    [InlineData("--pattern", "8x4", "--sparsity", "0.5", "--precision", "fp32,int8,int4")]
    [InlineData("--pattern", "2:4")]
    public void A_folder_is_planned_from_the_shapes_of_its_weights(params string[] options)
    {
        using var project = new TinyProject();
        var folder = Path.Combine(project.Folder, "assistant");
        TinyCheckpoint.Of("qwen2").Write(folder);
        var weights = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        // Numbers that an import refuses: nobody looks at them.
        var data = bytes.AsSpan(8 + (int)BitConverter.ToInt64(bytes));
        data.Fill(0xff);
        File.WriteAllBytes(weights, bytes);

        var planned = Run(["plan", folder, "-r", "linux-arm64", .. options]);
        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.Contains("layers.1", planned.Output, StringComparison.Ordinal);

        var measured = Run("plan", folder, "-r", "linux-arm64");
        Assert.Equal(1, measured.ExitCode);
        Assert.Contains("error PB2010: ", measured.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_planned_with_the_zeros_that_it_has()
    {
        using var project = new TinyProject();
        var folder = Path.Combine(project.Folder, "assistant");
        TinyCheckpoint.Of("llama").Write(folder, "BF16", shards: 2);
        var (exitCode, output, error) = Run("plan", folder, "-r", "linux-arm64");
        Assert.True(exitCode == 0, error);
        Assert.Contains("dense", output, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_has_every_candidate_and_the_reason()
    {
        using var project = new TinyProject();

        var plan = JObject.Parse(Run("plan", project.ModelPath, "-r", "android-arm64", "--json").Output);

        Assert.Equal("android-arm64", (string?)plan["rid"]);
        Assert.All(plan["layers"]!, layer =>
        {
            Assert.NotEmpty((string)layer["reason"]!);
            Assert.True(layer["candidates"]!.Count() > 3);
        });
        Assert.True((double)plan["microseconds"]!["chosen"]! <= (double)plan["microseconds"]!["denseFp32"]!);
    }

    [Fact]
    public void A_machine_calibrates_itself_plans_with_that_and_confirms()
    {
        using var project = new TinyProject();
        var (device, natives) = (Path.Combine(project.Folder, "device.json"), WorkerProcess.WriteNatives(project));

        var calibrated = Run("calibrate", "--quick", "--id", "here", "--output", device, "--natives", natives);
        Assert.True(calibrated.ExitCode == 0, calibrated.Error);
        var planned = Run("plan", project.ModelPath, "--device-file", device, "--sparsity", "0.95", "--rows", "64", "--confirm", "--natives", natives);

        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.Contains($"here ({TinyProject.HostRid})", planned.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PB1020", "-r", "linux-s390x")]
    [InlineData("PB6001", "-r", "linux-musl-x64")]
    [InlineData("PB1021", "-r", "linux-arm64", "--device", "raspberry-pi-9")]
    [InlineData("PB1012", "--pattern", "8by4", "--sparsity", "0.5")]
    [InlineData("PB1013", "--pattern", "8x4")]
    [InlineData("PB1012", "--pattern", "2:4", "--sparsity", "0.8")]
    [InlineData("PB1014", "--sparsity", "80")]
    [InlineData("PB1012", "--precision", "int2")]
    [InlineData("PB1012", "--rows", "0")]
    [InlineData("PB1012", "-r", "android-arm64", "--confirm")]
    public void A_wrong_option_is_a_coded_error(string code, params string[] options)
    {
        using var project = new TinyProject();

        var (exitCode, _, error) = Run(["plan", project.ModelPath, .. options]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error {code}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_device_file_is_an_error_at_its_line()
    {
        using var project = new TinyProject();
        var device = Path.Combine(project.Folder, "device.json");
        File.WriteAllText(device, "{\n  \"id\": here\n}");

        Assert.StartsWith($"{device}(2,9): error PB1022: ", Run("plan", project.ModelPath, "--device-file", device).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_not_there_is_PB2001() =>
        Assert.Contains("error PB2001", Run("plan", Path.Combine(Path.GetTempPath(), "no-such-model.onnx"), "-r", "linux-x64").Error, StringComparison.Ordinal);
}

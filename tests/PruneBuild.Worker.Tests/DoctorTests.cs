using PruneBuild.Pipeline.Tests;

namespace PruneBuild.Worker.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void The_native_libraries_of_this_host_load_and_work()
    {
        using var project = new TinyProject();
        var start = WorkerProcess.StartInfo("doctor", "--natives", WorkerProcess.WriteNatives(project));
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, process.StandardError.ReadToEnd());
        Assert.Contains("ONNX Runtime 1.31.1", output, StringComparison.Ordinal);
        Assert.Contains("diagonal 2.0", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_not_there_is_a_coded_error()
    {
        using var project = new TinyProject();
        var natives = WorkerProcess.WriteNatives(project);
        File.WriteAllText(natives, File.ReadAllText(natives).Replace("1.31.1", "0.0.0", StringComparison.Ordinal));
        using var process = System.Diagnostics.Process.Start(WorkerProcess.StartInfo("doctor", "--natives", natives))!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("error PB0013", error, StringComparison.Ordinal);
    }
}

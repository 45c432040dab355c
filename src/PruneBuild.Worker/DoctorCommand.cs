using System.CommandLine;
using System.Diagnostics;
using PruneBuild.Compression.Natives;
using PruneBuild.Runtime;
using TorchSharp;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild doctor --natives FILE</c>: loads every native library, uses each once, and says how long that took.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var natives = new Option<FileInfo>("--natives") { Description = "Where the native libraries lie (JSON).", Required = true };
        var command = new Command("doctor", "Checks that the native libraries of this host load and work.") { natives };
        command.SetAction(parsed =>
        {
            try
            {
                Check(parsed.GetValue(natives)!.FullName, parsed.InvocationConfiguration.Output);
                return ExitCodes.Success;
            }
            catch (Exception exception)
            {
                parsed.InvocationConfiguration.Error.WriteLine(Failure.Explain(exception, request: null));
                return ExitCodes.Failed;
            }
        });
        return command;
    }

    private static void Check(string nativesPath, TextWriter output)
    {
        NativesFile.Use(nativesPath);
        using (var options = ModelSession.CreateOptions())
            output.WriteLine($"ONNX Runtime {Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString()}, sparse operators registered");
        TorchNatives.Load();
        using var matrix = torch.eye(4, dtype: torch.ScalarType.Float64) * 4;
        using var factor = torch.linalg.cholesky(matrix);
        output.WriteLine($"libtorch {torch.__version__}, Cholesky of 4 I has the diagonal {factor[0, 0].item<double>():F1}");
        output.WriteLine($"ready {(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds:F0} ms after the process started");
    }
}

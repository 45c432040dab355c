using System.CommandLine;
using PruneBuild.Diagnostics;
using PruneBuild.Targeting;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild calibrate</c>: measures this machine and writes what <c>prunebuild plan --device-file</c> reads.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo?>("--output") { Description = "The device file to write; standard output without it." };
        var id = new Option<string>("--id") { Description = "Name of the device.", DefaultValueFactory = _ => $"{HostMachine.Rid}-calibrated" };
        var quick = new Option<bool>("--quick") { Description = "Takes seconds; the figures are rough." };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON)." };
        var command = new Command("calibrate", "Measures this machine: bandwidth, ONNX Runtime's kernels and every sparse kernel. Keep it idle meanwhile.")
        {
            output, id, quick, natives,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            var size = parsed.GetValue(quick) ? CalibrationSize.Quick : CalibrationSize.Full;
            var device = DeviceCalibration.Measure(parsed.GetValue(id)!, size, parsed.InvocationConfiguration.Error.WriteLine);
            Write(parsed.GetValue(output)?.FullName, DeviceFile.Write(device), parsed.InvocationConfiguration.Output);
        }));
        return command;
    }

    private static void Write(string? path, string text, TextWriter output)
    {
        if (path is null)
        {
            output.Write(text);
            return;
        }

        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB6002", path, exception.Message);
        }
    }
}

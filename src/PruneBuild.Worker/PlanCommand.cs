using System.CommandLine;
using System.Globalization;
using PruneBuild.Compression.Patterns;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Pipeline;
using PruneBuild.Runtime;
using PruneBuild.Targeting;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Worker;

/// <summary><c>prunebuild plan MODEL -r RID</c>: which kernel every layer would get and what that is worth, without compressing anything.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The .onnx file, or a folder in Hugging Face layout, whose weights are read only where their zeros are to be measured." };
        var rid = new Option<string?>("--runtime", "-r") { Description = "Runtime identifier of the target; that of the device file, or the host's, without it." };
        var device = new Option<string?>("--device") { Description = "A device of the catalogue; the RID's baseline without it." };
        var deviceFile = new Option<FileInfo?>("--device-file") { Description = "A device file, as prunebuild calibrate writes it." };
        var pattern = new Option<string?>("--pattern") { Description = "Pattern the weights are assumed to be pruned to: unstructured, N:M, or blocks such as 8x4." };
        var sparsity = new Option<double?>("--sparsity") { Description = "Sparsity that is assumed, 0 to 1; the zeros of the model without it." };
        var precision = new Option<string?>("--precision") { Description = "Precisions weights may have, such as fp32,int8,int4; the one they are stored in without it." };
        var rows = new Option<int>("--rows") { Description = "Rows of the activations where the model does not say.", DefaultValueFactory = _ => 1 };
        var confirm = new Option<bool>("--confirm") { Description = "Times every sparse kernel chosen against the best dense one, on this machine." };
        var json = new Option<bool>("--json") { Description = "Prints JSON with every candidate and every reason." };
        var natives = new Option<FileInfo?>("--natives") { Description = "Where the native libraries lie (JSON); only --confirm needs them." };
        var command = new Command("plan", "Shows which kernel every layer of a model would get, and what that is worth.")
        {
            model, rid, device, deviceFile, pattern, sparsity, precision, rows, confirm, json, natives,
        };
        command.SetAction(parsed => CommandFailure.Catch(parsed, () =>
        {
            if (parsed.GetValue(natives) is { } file)
                NativesFile.Use(file.FullName);
            var target = Target(parsed.GetValue(rid), parsed.GetValue(device), parsed.GetValue(deviceFile)?.FullName);
            var (zeroPattern, zeros) = Zeros(parsed.GetValue(pattern), parsed.GetValue(sparsity));
            var options = new ModelPlanOptions
            {
                Planning = new PlanOptions { Precisions = Precisions(parsed.GetValue(precision)) },
                BatchSize = parsed.GetValue(rows) is > 0 and var count ? count : throw Invalid(parsed.GetValue(rows), "--rows", "1 or more is expected"),
                Pattern = zeroPattern,
                Sparsity = zeros,
                Confirmation = parsed.GetValue(confirm) ? Confirmation(target) : null,
            };
            var plan = Plan(Path.GetFullPath(parsed.GetValue(model)!), target, options);
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(json) ? PlanJson.Write(plan) : PlanTable.Write(plan, options));
        }));
        return command;
    }

    private static ModelPlan Plan(string model, Device target, ModelPlanOptions options)
    {
        if (Directory.Exists(model) && options.Sparsity is not null)
            return ModelFolder.WithOutline(model, outline => ModelPlan.Of(outline, target, options));
        using var file = ParentFile.Open(model);
        using var opened = OnnxModel.Load(file.Path);
        return ModelPlan.Of(opened, target, options);
    }

    private static Device Target(string? rid, string? device, string? deviceFile)
    {
        if (deviceFile is null)
            return DeviceCatalogue.FindToPlan(rid ?? HostMachine.Rid, device);
        var own = DeviceFile.Load(deviceFile);
        if (device is not null && device != own.Id)
            throw new PruneBuildException("PB1021", device, own.Id);
        return rid is null || rid == own.Rid ? own : throw new PruneBuildException("PB1020", rid, own.Rid);
    }

    private static (ZeroPattern? Pattern, double? Sparsity) Zeros(string? pattern, double? sparsity)
    {
        if (sparsity is not (null or (>= 0 and <= 1)))
            throw new PruneBuildException("PB1014", sparsity);
        if (pattern is null)
            return (null, sparsity);
        var implied = SparsityPattern.Parse(pattern).ImpliedSparsity;
        if (implied is { } exact && sparsity is { } given && Math.Abs(exact - given) > 1e-9)
            throw Invalid(given, "--sparsity", $"the pattern {pattern} fixes it at {exact.ToString("R", CultureInfo.InvariantCulture)}");
        return (ZeroPattern.Parse(pattern), implied ?? sparsity ?? throw new PruneBuildException("PB1013", "--sparsity"));
    }

    private static HashSet<WeightPrecision>? Precisions(string? text)
    {
        if (text is null)
            return null;
        var known = Enum.GetValues<WeightPrecision>().ToDictionary(KernelName.Of);
        return [.. text.Split(',').Select(name => known.TryGetValue(name.Trim(), out var precision)
            ? precision
            : throw Invalid(name, "--precision", $"known: {string.Join(", ", known.Keys)}"))];
    }

    private static KernelConfirmation Confirmation(Device device) => KernelConfirmation.CanMeasure(device)
        ? new()
        : throw Invalid(device.Rid, "--confirm", $"this machine runs {HostMachine.Rid} only");

    private static PruneBuildException Invalid(object value, string option, string reason) =>
        new("PB1012", Convert.ToString(value, CultureInfo.InvariantCulture), option, reason);
}

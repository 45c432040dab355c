using System.Globalization;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Graph;
using PruneBuild.Graph.HuggingFace;
using PruneBuild.Runtime;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>
/// Puts a gated artifact in its place: model, weights, verdict and manifest in a new folder that then replaces the old one.
/// The stamp comes last, so an interrupted build is done again.
/// </summary>
internal static class PackageStage
{
    private const string Name = "package";

    public static void Run(WorkContext context)
    {
        var request = context.Request;
        var evaluated = EvaluateStage.Evaluate(context);
        if (!evaluated.MayShip)
        {
            foreach (var diagnostic in evaluated.Diagnostics)
                context.Reporter.Report(diagnostic);
            return;
        }
        using var held = StageStore.Lock($"{request.ArtifactFolder}.lock", context.Cancellation);
        // Another build of the same request may have finished while this one waited.
        if (Stamp.IsCurrent(request.StampFile, request, context.Today))
            return;
        var staging = $"{request.ArtifactFolder}.tmp";
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging);
        try
        {
            foreach (var file in Directory.EnumerateFiles(evaluated.Selected.Folder, "model.onnx*").Order(StringComparer.Ordinal))
                File.Copy(file, Path.Combine(staging, Path.GetFileName(file)));
            Companions(context, evaluated.Selected, staging);
            evaluated.Verdict?.Save(Path.Combine(staging, "verdict.json"));
            var manifest = Manifest(context, evaluated, staging);
            manifest.Save(Path.Combine(staging, ArtifactManifest.FileName));
            AtomicFolder.Replace(staging, request.ArtifactFolder);
            var sizes = manifest.Sizes;
            context.Reporter.Progress(Name, string.Create(
                CultureInfo.InvariantCulture,
                $"{sizes.ParentBytes:N0} bytes became {sizes.ArtifactBytes:N0} ({(double)sizes.ParentBytes / sizes.ArtifactBytes:F1} times smaller), verdict: {manifest.Verdict}"));
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
        var outputs = Directory.EnumerateFiles(request.ArtifactFolder, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => new FileInfo(file))
            .Select(file => new StampOutput(
                Path.GetRelativePath(request.ArtifactFolder, file.FullName).Replace('\\', '/'), file.Length, file.LastWriteTimeUtc.Ticks));
        IReadOnlyList<Diagnostic> warnings = [.. LayerFile.Load(QuantizeStage.Run(context).Layers).Warnings, .. evaluated.Diagnostics];
        var validUntil = evaluated.Verdict?.Checks.Select(check => check.Waiver?.Until)
            .Concat(evaluated.Verdict.Judges?.Select(judge => judge.ValidUntil) ?? []).OfType<string>().Min(StringComparer.Ordinal);
        new Stamp(1, request.Hash, context.Files.Used, [.. outputs], warnings, validUntil).Save(request.StampFile);
    }

    /// <summary>What an import put beside the model, for what the model has become.</summary>
    private static void Companions(WorkContext context, StageResult selected, string folder)
    {
        if (!ParentModel.IsFolder(context.Request.Model))
            return;
        using var model = OnnxModel.Load(selected.Model);
        if (ImportedFiles.Copy(Path.GetDirectoryName(SourceStage.Run(context).Model)!, model, folder) is { } reason)
            context.Reporter.Progress(Name, reason);
    }

    private static ArtifactManifest Manifest(WorkContext context, EvaluateStage.Result evaluated, string folder)
    {
        var request = context.Request;
        var compressed = LayerFile.Load(QuantizeStage.Run(context).Layers);
        var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Select(file => new ArtifactFile(Path.GetFileName(file), new FileInfo(file).Length, FileFingerprints.Hash(file)))
            .ToList();
        return new ArtifactManifest
        {
            Schema = ArtifactManifest.CurrentSchema,
            Name = request.Name,
            Rid = request.Rid,
            Device = context.Device.Id,
            Tool = request.ToolVersion,
            Verdict = VerdictOf(evaluated.Verdict),
            Options = context.Recipe.Describe(),
            Files = files,
            Inputs = Inputs(context),
            Sizes = new ArtifactSizes(
                context.Files.Used.Where(file => file.Role is "model" or "external-data").Sum(file => file.Length),
                files.Where(file => file.Path.StartsWith("model.onnx", StringComparison.Ordinal)).Sum(file => file.Bytes)),
            Edits = compressed.Edits,
            Drift = evaluated.Drift?.Summary(),
            Layers = Layers(compressed, evaluated.Selected),
        };
    }

    /// <summary>Every file used so far, as it is called on any machine.</summary>
    internal static IReadOnlyList<ArtifactInput> Inputs(WorkContext context) =>
        [.. context.Files.Used.Select(file => new ArtifactInput(file.Role, Portable(context.Request, file.Path), file.Length, file.Sha256))];

    /// <summary>An inconclusive or waived verdict can only get here by the user's own decision; the app sees it as what it is.</summary>
    private static string VerdictOf(Verdict? verdict) => verdict?.Result switch
    {
        null => "not gated",
        CheckResult.Pass => "pass",
        CheckResult.Waived => "waived",
        CheckResult.Inconclusive => "inconclusive",
        _ => "fail",
    };

    /// <summary>What became of every layer, from what compression and lowering say of it.</summary>
    internal static List<ArtifactLayer> Layers(LayerFile compression, StageResult selected)
    {
        var compressed = compression.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var lowered = JsonConvert.DeserializeObject<List<LoweredLayer>>(File.ReadAllText(selected.Layers))!;
        return [.. lowered.Select(layer => Layer(layer, compressed.GetValueOrDefault(layer.Name)))];
    }

    private static ArtifactLayer Layer(LoweredLayer layer, CompressedLayer? report) => new(
        layer.Name, layer.Op, layer.Outputs, layer.Inputs,
        report?.Pattern ?? "dense",
        layer.Sparsity,
        layer.Precision,
        layer.Kernel,
        string.Join("; ", new[] { report?.Reason, layer.Reason }.Where(text => !string.IsNullOrEmpty(text))),
        layer.StoredBytes,
        [.. layer.Candidates.Select(candidate => new ArtifactCandidate(
            candidate.Kernel, candidate.Precision, candidate.Microseconds, candidate.Bytes, candidate.Obstacle))])
    {
        RelativeError = report?.RelativeError,
    };

    /// <summary>The path as it reads on any machine: relative to the project when it lies inside it, else the file name.</summary>
    private static string Portable(WorkRequest request, string path)
    {
        var folder = Path.GetDirectoryName(request.Position?.File);
        var relative = folder is null ? path : Path.GetRelativePath(folder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? Path.GetFileName(path)
            : relative.Replace('\\', '/');
    }
}

using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Reports;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Gathers what the outputs of the gate tell from the stages and the files around them.</summary>
internal static class ReportSource
{
    private const int MostFlips = 600;
    private const int MostTextFlips = 200;
    private const int MostPictures = 300;
    private const int MostPictureBytes = 2_000_000;
    private const string Ledger = "ledger.jsonl";

    public static EvaluationReport Of(WorkContext context, EvaluateStage.Result evaluated, Verdict verdict)
    {
        var request = context.Request;
        var compressed = LayerFile.Load(QuantizeStage.Run(context).Layers);
        var inputs = PackageStage.Inputs(context);
        return new EvaluationReport
        {
            Name = request.Name,
            Verdict = verdict,
            Diagnostics = evaluated.Diagnostics,
            SourceRoot = SourceRoot(request),
            Tool = request.ToolVersion,
            Device = context.Device.Id,
            CandidateKey = evaluated.Selected.Key,
            Flips = Flips(context, evaluated),
            TextFlips = evaluated.Texts is var (parent, candidate) && context.Cases is { } written ? TextFlip.Find(written, parent, candidate, MostTextFlips) : [],
            Sizes = new ArtifactSizes(
                inputs.Where(input => input.Role is "model" or "external-data").Sum(input => input.Bytes),
                Directory.EnumerateFiles(evaluated.Selected.Folder, "model.onnx*").Sum(file => new FileInfo(file).Length)),
            Layers = PackageStage.Layers(compressed, evaluated.Selected),
            Edits = compressed.Edits,
            Drift = evaluated.Drift?.Summary(),
            Options = context.Recipe.Describe(),
            Inputs = inputs,
            Damage = DamageReport.Load(PruneStage.Run(context).Folder),
            History = History(request),
        };
    }

    private static IReadOnlyList<CaseFlip> Flips(WorkContext context, EvaluateStage.Result evaluated)
    {
        if (context is not { Harness: { } harness, Cases: { } cases } || evaluated is not { Parent: { } parent, Candidate: { } candidate })
            return [];
        return CasePictures.AddTo(CaseFlip.Find(cases, parent, candidate, MostFlips), harness, cases, MostPictures, MostPictureBytes);
    }

    private static IReadOnlyList<HistoryEntry> History(WorkRequest request)
    {
        var path = Path.Combine(Path.GetDirectoryName(request.Harness)!, Ledger);
        return File.Exists(path) ? HistoryEntry.Parse(File.ReadLines(path)) : [];
    }

    /// <summary>The folder that a pull request's file names start at: that of the repository, else the project's own.</summary>
    private static string SourceRoot(WorkRequest request)
    {
        for (var folder = Path.GetDirectoryName(request.Harness); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Exists(Path.Combine(folder, ".git")))
                return folder;
        }
        return Path.GetDirectoryName(request.Position?.File ?? request.Harness) ?? "";
    }
}

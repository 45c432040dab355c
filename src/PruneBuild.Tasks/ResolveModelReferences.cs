using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using PruneBuild.Diagnostics;
using PruneBuild.Tasks.ModelReferences;
using PruneBuild.Tasks.Requests;
using PruneBuild.Tasks.Stamps;

namespace PruneBuild.Tasks;

/// <summary>
/// Checks the <c>ModelReference</c> items, writes one request per model and tells which models have no up-to-date artifact.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class ResolveModelReferences : Microsoft.Build.Utilities.Task
{
    /// <summary>The <c>ModelReference</c> items.</summary>
    [Required]
    public ITaskItem[] ModelReferences { get; set; } = [];

    /// <summary>The project, absolute.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>The runtime identifier that the artifacts are for.</summary>
    [Required]
    public string Rid { get; set; } = "";

    /// <summary>Where requests, stage results and artifacts go, absolute.</summary>
    [Required]
    public string IntermediateFolder { get; set; } = "";

    /// <summary>The folder of <c>prunebuild.dll</c>, absolute.</summary>
    [Required]
    public string WorkerFolder { get; set; } = "";

    /// <summary>Threads the worker may use; 0 means all of the machine.</summary>
    public int MaxCores { get; set; }

    /// <summary><c>fail</c> or <c>warn</c>: what a floor without a clear answer does.</summary>
    public string Inconclusive { get; set; } = "fail";

    /// <summary>Outputs of the gate to write: <c>html</c>, <c>sarif</c>, <c>junit</c>, <c>trx</c>, <c>markdown</c>, or <c>none</c> alone.</summary>
    public string Reports { get; set; } = "html";

    /// <summary>Files that <c>prunebuild measure</c> wrote on devices; relative ones start at the project's folder.</summary>
    public string[] Measurements { get; set; } = [];

    /// <summary>
    /// Whether the warnings of an up-to-date artifact are given again. Of several target frameworks only one does.
    /// </summary>
    public bool RepeatWarnings { get; set; } = true;

    /// <summary>The folder with one page per error code.</summary>
    public string? DocsFolder { get; set; }

    /// <summary>
    /// One item per model, with Name, TargetPath, Rid, RequestFile, StampFile, ArtifactFolder, and with DefiningProject and Include,
    /// which tell where it is asked for.
    /// </summary>
    [Output]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Those of <see cref="Models"/> that must be built.</summary>
    [Output]
    public ITaskItem[] PendingModels { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        var log = new DiagnosticLog(Log, ProjectFile, DocsFolder);
        try
        {
            RuntimeIdentifiers.Check(Rid, ProjectFile);
            CheckInconclusive();
            var reports = RequestedReports();
            var reader = new ModelReferenceReader(Path.GetDirectoryName(ProjectFile)!, ProjectFile);
            var references = reader.Read(ModelReferences);
            foreach (var diagnostic in reader.Diagnostics)
                log.Report(diagnostic);
            if (reader.Diagnostics.Count > 0)
                return false;

            var plan = new RequestPlan(IntermediateFolder, Rid, MaxCores, Inconclusive.ToLowerInvariant(), reports, MeasurementFiles(), WorkerIdentity.Hash(WorkerFolder));
            var states = references.Select(plan.Prepare).ToList();
            foreach (var state in states.Where(state => state.PendingReason is not null))
                Log.LogMessage(MessageImportance.Normal, "{0} [{1}] will be built: {2}.", state.Name, Rid, state.PendingReason);
            Models = [.. states.Select(state => Item(state))];
            PendingModels = [.. states.Where(state => state.PendingReason is not null).Select(state => Item(state))];
            if (RepeatWarnings)
                WarnAgain(log, states.Where(state => state.PendingReason is null));
            return true;
        }
        catch (PruneBuildException e)
        {
            log.Report(e.Diagnostic);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Error("PB6002", IntermediateFolder, e.Message);
            return false;
        }
    }

    private void CheckInconclusive()
    {
        if (Inconclusive.ToLowerInvariant() is not ("fail" or "warn"))
            throw new PruneBuildException("PB1012", Inconclusive, "PruneBuildInconclusive", "Known: fail, warn.").At(ProjectFile);
    }

    /// <summary>Sorted: the order of the property must not change the request.</summary>
    private IReadOnlyList<string> MeasurementFiles() =>
        [.. Measurements.Select(file => Path.GetFullPath(file, Path.GetDirectoryName(ProjectFile)!)).Distinct().Order(StringComparer.Ordinal)];

    private IReadOnlyList<string> RequestedReports()
    {
        try
        {
            return ReportNames.Parse(Reports);
        }
        catch (PruneBuildException exception)
        {
            throw exception.At(ProjectFile);
        }
    }

    /// <summary>A model that just passes stays a model that just passes, although no worker runs that would say so.</summary>
    private static void WarnAgain(DiagnosticLog log, IEnumerable<ModelState> upToDate)
    {
        foreach (var state in upToDate)
        {
            foreach (var warning in Stamp.TryRead(state.StampFile)?.Warnings ?? [])
                log.Report(ModelItemPosition.Complete(warning.ToDiagnostic(), state.DefiningProject, state.Include));
        }
    }

    private TaskItem Item(ModelState state) => OutputItem.Create(state.Model, new Dictionary<string, string>
    {
        ["Name"] = state.Name,
        ["TargetPath"] = state.TargetPath,
        ["Rid"] = Rid,
        ["RequestFile"] = state.RequestFile,
        ["StampFile"] = state.StampFile,
        ["ArtifactFolder"] = state.ArtifactFolder,
        [ModelItemPosition.DefiningProject] = state.DefiningProject,
        [ModelItemPosition.Include] = state.Include,
    });
}

using System.Reflection;
using System.Security.Cryptography;
using PruneBuild.Diagnostics;
using PruneBuild.Tasks.ModelReferences;
using PruneBuild.Tasks.Stamps;

namespace PruneBuild.Tasks.Requests;

/// <summary>Where one model stands.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Model">The model file.</param>
/// <param name="TargetPath">The artifact's folder below the output folder.</param>
/// <param name="RequestFile">The request, as written.</param>
/// <param name="StampFile">The stamp of the finished artifact.</param>
/// <param name="ArtifactFolder">The artifact.</param>
/// <param name="DefiningProject">The project file whose item it is.</param>
/// <param name="Include">The item as the project spells it.</param>
/// <param name="PendingReason">Why it must be built, or null when it is up to date.</param>
internal sealed record ModelState(
    string Name,
    string Model,
    string TargetPath,
    string RequestFile,
    string StampFile,
    string ArtifactFolder,
    string DefiningProject,
    string Include,
    string? PendingReason);

/// <summary>Lays out the intermediate folder and writes the requests.</summary>
/// <param name="intermediateFolder">Absolute; below it come the model's name, then the RID.</param>
/// <param name="rid">The device's RID.</param>
/// <param name="threads">Threads the worker may use; 0 means all.</param>
/// <param name="inconclusive"><c>fail</c> or <c>warn</c>.</param>
/// <param name="reports">Outputs of the gate to write.</param>
/// <param name="measurements">Absolute paths of what devices measured.</param>
/// <param name="workerHash">Identity of the worker.</param>
internal sealed class RequestPlan(string intermediateFolder, string rid, int threads, string inconclusive, IReadOnlyList<string> reports, IReadOnlyList<string> measurements, string workerHash)
{
    private static readonly string ToolVersion = typeof(RequestPlan).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Writes the model's request, when it changed, and checks its stamp.</summary>
    public ModelState Prepare(ModelReference reference)
    {
        var modelFolder = Path.Combine(intermediateFolder, reference.Name);
        var ridFolder = Path.Combine(modelFolder, rid);
        var request = new WorkerRequest(
            Version: 1,
            reference.Name,
            reference.Model,
            reference.Recipe,
            reference.Harness,
            reference.Prune,
            reference.Quantize,
            rid,
            reference.Device,
            StagesFolder: Path.Combine(modelFolder, "stages"),
            ArtifactFolder: Path.Combine(ridFolder, "artifact"),
            StampFile: Path.Combine(ridFolder, "stamp.json"),
            threads,
            ToolVersion,
            workerHash,
            new RequestPosition(reference.DefiningProject),
            inconclusive,
            reports,
            measurements);
        var bytes = request.ToUtf8();
        var requestFile = Path.Combine(ridFolder, "request.json");
        AtomicFile.WriteWhenDifferent(requestFile, bytes);
        var reason = UpToDateCheck.Reason(request.StampFile, Convert.ToHexStringLower(SHA256.HashData(bytes)), request.ArtifactFolder);
        return new ModelState(
            reference.Name, reference.Model, reference.TargetPath, requestFile, request.StampFile, request.ArtifactFolder,
            reference.DefiningProject, reference.Include, reason);
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace PruneBuild.Tasks.Requests;

/// <summary>
/// What the worker is asked to do for one model and one RID. Its bytes are the cache key of the artifact, so nothing in it may
/// depend on the target framework, the configuration or the clock. Properties are written in the order of declaration.
/// </summary>
/// <param name="Version">Version of this format.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Model">Absolute path of the model.</param>
/// <param name="Recipe">Absolute path of the recipe, or null.</param>
/// <param name="Harness">Absolute path of the harness, or null.</param>
/// <param name="Prune"><c>pattern:sparsity</c> or <c>N:M</c>; null leaves it to the recipe.</param>
/// <param name="Quantize"><c>int8</c> or <c>none</c>; null leaves it to the recipe.</param>
/// <param name="Rid">The device's RID.</param>
/// <param name="Device">A device of the catalogue, or null.</param>
/// <param name="StagesFolder">Absolute folder of the stages' results, shared by all RIDs.</param>
/// <param name="ArtifactFolder">Absolute folder of the artifact.</param>
/// <param name="StampFile">Absolute path of the stamp, written last.</param>
/// <param name="Threads">Threads to use; 0 means all of the machine.</param>
/// <param name="ToolVersion">Version of the package.</param>
/// <param name="WorkerHash">Changes when the worker's own code changes.</param>
/// <param name="Position">Where the project asks for this model.</param>
/// <param name="Inconclusive"><c>fail</c> or <c>warn</c>: what a floor without a clear answer does.</param>
/// <param name="Reports">Outputs of the gate to write, names of <see cref="ReportNames.Known"/>.</param>
/// <param name="Measurements">Absolute paths of what devices measured.</param>
internal sealed record WorkerRequest(
    int Version,
    string Name,
    string Model,
    string? Recipe,
    string? Harness,
    string? Prune,
    string? Quantize,
    string Rid,
    string? Device,
    string StagesFolder,
    string ArtifactFolder,
    string StampFile,
    int Threads,
    string ToolVersion,
    string WorkerHash,
    RequestPosition Position,
    string Inconclusive,
    IReadOnlyList<string> Reports,
    IReadOnlyList<string> Measurements)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

/// <summary>The project file that asks for the model. Without the line: an edit above the item must not change the cache key.</summary>
internal sealed record RequestPosition(string File);

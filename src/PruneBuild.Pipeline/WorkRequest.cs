using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>What the build asks of the worker for one model and one RID: the content of <c>request.json</c>.</summary>
public sealed record WorkRequest
{
    /// <summary>The newest request format this worker reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Format version.</summary>
    public required int Version { get; init; }

    /// <summary>Name of the artifact.</summary>
    public required string Name { get; init; }

    /// <summary>The dense parent, absolute.</summary>
    public required string Model { get; init; }

    /// <summary>Recipe file, absolute, or null.</summary>
    public string? Recipe { get; init; }

    /// <summary>Harness file, absolute, or null when nothing is gated.</summary>
    public string? Harness { get; init; }

    /// <summary>Short form of the pruning step, e.g. <c>8x4:0.8</c>; wins over the recipe.</summary>
    public string? Prune { get; init; }

    /// <summary>Short form of the quantization step, e.g. <c>int8</c>; wins over the recipe.</summary>
    public string? Quantize { get; init; }

    /// <summary>Target RID.</summary>
    public required string Rid { get; init; }

    /// <summary>Device id of the catalogue, or null for the RID's default.</summary>
    public string? Device { get; init; }

    /// <summary>Where finished stages are kept, absolute; shared by all RIDs and target frameworks of the project.</summary>
    public required string StagesFolder { get; init; }

    /// <summary>Where the artifact goes, absolute.</summary>
    public required string ArtifactFolder { get; init; }

    /// <summary>The file that says what the artifact was made of, absolute.</summary>
    public required string StampFile { get; init; }

    /// <summary>Threads to use; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Version of the package.</summary>
    public string ToolVersion { get; init; } = "";

    /// <summary>Changes whenever the worker does.</summary>
    public string WorkerHash { get; init; } = "";

    /// <summary>What an inconclusive floor does: <c>fail</c> or <c>warn</c>.</summary>
    public string Inconclusive { get; init; } = "fail";

    /// <summary>Outputs of the gate to write: names of <see cref="GateReports.Known"/>.</summary>
    public IReadOnlyList<string> Reports { get; init; } = [];

    /// <summary>Files of <c>prunebuild measure</c> from devices, absolute.</summary>
    public IReadOnlyList<string> Measurements { get; init; } = [];

    /// <summary>Where the model was referenced.</summary>
    public RequestPosition? Position { get; init; }

    /// <summary>SHA-256 of the file it was read from: the file may have changed by the time the work is done.</summary>
    [JsonIgnore]
    public string Hash { get; init; } = "";

    /// <summary>Reads a request.</summary>
    /// <exception cref="PruneBuildException">PB9005: the file is not a request this worker understands.</exception>
    public static WorkRequest Load(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            var request = JsonConvert.DeserializeObject<WorkRequest>(Encoding.UTF8.GetString(bytes));
            return request is { Version: CurrentVersion, Name: not null, Model: not null, Rid: not null, StagesFolder: not null, ArtifactFolder: not null, StampFile: not null }
                ? request with { Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)) }
                : throw new PruneBuildException("PB9005", $"'{path}' is not a request of version {CurrentVersion}");
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB9005", Severity.Error, $"'{path}': {exception.Message}"), exception);
        }
    }
}

/// <summary>The project file that holds the ModelReference.</summary>
/// <param name="File">Absolute path.</param>
/// <param name="Line">1-based, or 0.</param>
/// <param name="Column">1-based, or 0.</param>
public sealed record RequestPosition(string? File, int Line, int Column);

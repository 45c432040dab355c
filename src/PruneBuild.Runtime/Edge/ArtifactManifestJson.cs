using System.Text.Json.Serialization;

namespace PruneBuild.Runtime;

/// <summary>The part that is read first: an unknown schema is refused before anything else is understood.</summary>
internal sealed record ManifestSchema(int? Schema = null);

/// <summary>Source-generated serialization: reflection is not there under Native AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ArtifactManifest))]
[JsonSerializable(typeof(ManifestSchema))]
[JsonSerializable(typeof(CaseRecordingDescription))]
internal sealed partial class ArtifactManifestJson : JsonSerializerContext;

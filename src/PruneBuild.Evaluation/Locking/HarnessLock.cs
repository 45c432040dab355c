using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// What was agreed before the model was compressed: the floors, and hashes of everything that they are measured with. It lies beside the
/// harness (<c>harness.lock.json</c>) and in the repository. Every part has a seal, so that an edit by hand is found and located.
/// </summary>
[JsonObject(ItemRequired = Required.Always)]
public sealed record HarnessLock
{
    private const int CurrentVersion = 1;
    private const string SealsKey = "seals";
    private const string SealKey = "seal";

    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new DefaultContractResolver { NamingStrategy = new CamelCaseNamingStrategy() },
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        DateParseHandling = DateParseHandling.None,
    });

    /// <summary>Format version.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>File name of the harness.</summary>
    public required string Harness { get; init; }

    /// <summary>Version of the tool that locked it.</summary>
    public required string Tool { get; init; }

    /// <summary>Day on which it was locked, as 2026-12-31.</summary>
    public required string Date { get; init; }

    /// <summary>Hash of every key of the harness that is no floor: task, classes, input, cases and so on.</summary>
    public required IReadOnlyDictionary<string, string> Spec { get; init; }

    /// <summary>The floors.</summary>
    public required IReadOnlyList<LockedFloor> Floors { get; init; }

    /// <summary>The case files.</summary>
    public required IReadOnlyList<LockedFile> Cases { get; init; }

    /// <summary>The dense parent: the ONNX file, then its external data.</summary>
    public required IReadOnlyList<LockedFile> Model { get; init; }

    /// <summary>What the dense parent scored.</summary>
    public required IReadOnlyList<LockedScores> Parent { get; init; }

    /// <summary>Hash of the ledger's last entry before this lock.</summary>
    public required string Ledger { get; init; }

    /// <summary>Hash of all seals; names this lock in verdicts and in the ledger. Empty before it is saved.</summary>
    [JsonIgnore]
    public string Seal { get; init; } = "";

    /// <summary>Where <see cref="Model"/> is in the file.</summary>
    [JsonIgnore]
    public SourceLocation ModelLocation { get; init; }

    /// <summary>The lock's place beside a harness.</summary>
    public static string PathOf(string harnessFile) => Path.ChangeExtension(harnessFile, ".lock.json");

    /// <summary>Seals and writes the lock.</summary>
    /// <returns>The lock with its seal.</returns>
    public HarnessLock Save(string path)
    {
        // Numbers are hashed as they read back.
        var json = LocatedJson.Parse(JObject.FromObject(this, Serializer).ToString(), path);
        json[SealsKey] = SealsOf(json);
        json[SealKey] = CanonicalJson.Hash(json[SealsKey]!);
        AtomicFile.WriteText(path, json.ToString().ReplaceLineEndings("\n") + "\n");
        return this with { Seal = (string)json[SealKey]! };
    }

    /// <summary>Reads a lock.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 when it is no JSON; PB4204 at the first line that its seals do not fit, or when it is no lock.</exception>
    public static HarnessLock Load(string path)
    {
        var json = LocatedJson.Load(path);
        CheckSeals(json, path);
        try
        {
            var content = (JObject)json.DeepClone();
            content.Remove(SealsKey);
            content.Remove(SealKey);
            var loaded = content.ToObject<HarnessLock>(Serializer)!;
            return loaded with { Seal = (string)json[SealKey]!, ModelLocation = LocatedJson.Locate(json["model"]!, path) };
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB4204", Severity.Error, Path.GetFileName(path), exception.Message).At(path), exception);
        }
    }

    private static void CheckSeals(JObject json, string path)
    {
        PruneBuildException Changed(JToken at, string what) => LocatedJson.Locate(at, path).Error("PB4204", Path.GetFileName(path), what);

        if (json["version"] is not JValue { Value: (long)CurrentVersion }) throw Changed(json["version"] ?? json, $"version {CurrentVersion} is expected");
        if (json[SealsKey] is not JObject seals || json[SealKey] is not JValue { Value: string seal }) throw Changed(json, "its seals are missing");
        foreach (var property in json.Properties().Where(property => property.Name is not (SealsKey or SealKey)))
        {
            var expected = seals[property.Name];
            if (property.Value is JArray list && expected is JArray items)
            {
                foreach (var (item, itemSeal) in list.Zip(items))
                {
                    if (CanonicalJson.Hash(item) != (string?)itemSeal) throw Changed(item, $"this entry of '{property.Name}' is not what was sealed");
                }
                if (list.Count == items.Count) continue;
            }
            else if (expected is JValue { Value: string single } && single == CanonicalJson.Hash(property.Value))
            {
                continue;
            }
            throw Changed(property, $"'{property.Name}' is not what was sealed");
        }
        foreach (var property in seals.Properties().Where(property => !json.ContainsKey(property.Name))) throw Changed(property, $"'{property.Name}' is missing");
        if (CanonicalJson.Hash(seals) != seal) throw Changed(json[SealKey]!, "the seals do not fit each other");
    }

    private static JObject SealsOf(JObject json) => new(json.Properties().Select(property => new JProperty(
        property.Name,
        property.Value is JArray list ? new JArray(list.Select(CanonicalJson.Hash)) : (JToken)CanonicalJson.Hash(property.Value))));
}

using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Files that tools write and people only read: the key <c>seal</c> is the hash of all others.</summary>
internal static class SealedJson
{
    private const string SealKey = "seal";

    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new DefaultContractResolver { NamingStrategy = new CamelCaseNamingStrategy() },
        Converters = { new StringEnumConverter(new KebabCaseNamingStrategy()) },
        NullValueHandling = NullValueHandling.Ignore,
        DateParseHandling = DateParseHandling.None,
    });

    /// <summary>Writes an object's public properties with their seal. The file is replaced as a whole.</summary>
    public static void Save(string path, object value)
    {
        // Numbers are hashed as they read back.
        var json = LocatedJson.Parse(JObject.FromObject(value, Serializer).ToString(), path);
        json[SealKey] = CanonicalJson.Hash(json);
        AtomicFile.WriteText(path, json.ToString().ReplaceLineEndings("\n") + "\n");
    }

    /// <summary>Reads it back; null when it was changed.</summary>
    /// <exception cref="PruneBuildException">PB1010 no JSON.</exception>
    /// <exception cref="JsonException">It is something else.</exception>
    public static T? Load<T>(string path)
        where T : class
    {
        var json = LocatedJson.Load(path);
        var seal = (json[SealKey] as JValue)?.Value as string;
        json.Remove(SealKey);
        return seal == CanonicalJson.Hash(json) ? json.ToObject<T>(Serializer) : null;
    }
}

using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// What happened to the floors of the harnesses in a folder (<c>ledger.jsonl</c>): locks, relaxations, waivers. Entries are only ever added,
/// and each holds the hash of the one before, so a changed or removed line breaks the chain.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Entries">The entries, oldest first.</param>
public sealed record Ledger(string Path, IReadOnlyList<LedgerEntry> Entries)
{
    /// <summary>What comes before the first entry.</summary>
    public const string Start = "0000000000000000000000000000000000000000000000000000000000000000";

    private const string HashKey = "hash";

    private static readonly JsonSerializer Serializer = JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new DefaultContractResolver { NamingStrategy = new CamelCaseNamingStrategy() },
        Converters = { new StringEnumConverter(new CamelCaseNamingStrategy()) },
        NullValueHandling = NullValueHandling.Ignore,
    });

    /// <summary>Hash of the last entry.</summary>
    public string Head => Entries.Count == 0 ? Start : Entries[^1].Hash;

    /// <summary>The ledger's place beside a harness.</summary>
    public static string PathOf(string harnessFile) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(harnessFile)!, "ledger.jsonl");

    /// <summary>Reads a ledger; empty when there is no file.</summary>
    /// <exception cref="PruneBuildException">PB4205 at the first line that does not follow from the one before, PB1010 at one that is no JSON.</exception>
    public static Ledger Load(string path)
    {
        var entries = new List<LedgerEntry>();
        if (!File.Exists(path)) return new Ledger(path, entries);
        var previous = Start;
        foreach (var (line, text) in File.ReadAllLines(path).Index())
        {
            var at = new SourceLocation(path, line + 1, 1);
            var entry = Read(text, at);
            if (entry.Previous != previous) throw Broken(at, "it does not follow the entry before: an entry was removed, added or moved");
            entries.Add(entry);
            previous = entry.Hash;
        }
        return new Ledger(path, entries);
    }

    /// <summary>The ledger with one more entry, written to its file.</summary>
    public Ledger Append(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var json = JObject.FromObject(entry with { Previous = Head }, Serializer);
        json.Remove(HashKey);
        // Numbers are hashed as they read back.
        json = LocatedJson.Parse(json.ToString(Formatting.None), Path);
        json[HashKey] = CanonicalJson.Hash(json);
        var before = File.Exists(Path) ? File.ReadAllText(Path) : "";
        if (before.Length > 0 && !before.EndsWith('\n')) before += "\n";
        AtomicFile.WriteText(Path, $"{before}{json.ToString(Formatting.None)}\n");
        return this with { Entries = [.. Entries, json.ToObject<LedgerEntry>(Serializer)!] };
    }

    /// <summary>The last lock of a harness, or null.</summary>
    /// <param name="harness">File name of the harness.</param>
    public LedgerEntry? LastLock(string harness) => Entries.LastOrDefault(entry => entry.Kind == LedgerKind.Lock && entry.Harness == harness);

    /// <summary>The relaxations of a harness since its last lock, oldest first.</summary>
    public IEnumerable<LedgerEntry> Relaxations(string harness) => Entries
        .Where(entry => entry.Harness == harness && entry.Kind != LedgerKind.Waive)
        .Reverse().TakeWhile(entry => entry.Kind == LedgerKind.Relax).Reverse();

    /// <summary>The last waiver of a floor, or null.</summary>
    public LedgerEntry? Waiver(string harness, string floor) =>
        Entries.LastOrDefault(entry => entry.Kind == LedgerKind.Waive && entry.Harness == harness && entry.Floor == floor);

    private static LedgerEntry Read(string text, SourceLocation at)
    {
        JObject json;
        try
        {
            json = LocatedJson.Parse(text, at.File);
        }
        catch (PruneBuildException exception) when (exception.Code == "PB1010")
        {
            throw Broken(at, exception.Message);
        }
        var hash = (string?)json[HashKey];
        json.Remove(HashKey);
        if (hash != CanonicalJson.Hash(json)) throw Broken(at, "it was changed after it was written");
        try
        {
            return json.ToObject<LedgerEntry>(Serializer)! with { Hash = hash };
        }
        catch (JsonException exception)
        {
            throw Broken(at, exception.Message);
        }
    }

    private static PruneBuildException Broken(SourceLocation at, string reason) =>
        at.Error("PB4205", System.IO.Path.GetFileName(at.File), at.Line, reason);
}

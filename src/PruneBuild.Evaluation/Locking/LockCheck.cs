using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Compares a harness, its cases and the dense parent with what was locked.</summary>
public static class LockCheck
{
    /// <summary>Hash of every key of a harness that is no floor.</summary>
    public static IReadOnlyDictionary<string, string> SpecOf(Harness harness) =>
        SpecKeys(harness).ToDictionary(property => property.Name, property => CanonicalJson.Hash(property.Value), StringComparer.Ordinal);

    /// <summary>Everything that is not as it was locked. To be stricter than the lock is always allowed.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="locked">Its lock; null when there is no file.</param>
    /// <param name="ledger">The ledger beside it.</param>
    /// <param name="model">Hashes of the dense parent's files: the ONNX file, then its external data.</param>
    /// <param name="hash">SHA-256 of a case file.</param>
    /// <returns>PB4201 floor looser than locked, PB4202 harness or cases differ, PB4203 dense parent differs, PB4204 lock missing or not
    /// the one of the ledger; each at the token or line at fault.</returns>
    public static IReadOnlyList<Diagnostic> Check(
        Harness harness, HarnessLock? locked, Ledger ledger, IReadOnlyList<string> model, Func<string, string> hash)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(model);
        var name = Path.GetFileName(harness.File);
        var lockPath = HarnessLock.PathOf(harness.File);
        var lastLock = ledger.LastLock(name);
        if (locked is null) return lastLock is null ? [] : [Error("PB4204", new SourceLocation(lockPath, 0, 0), Path.GetFileName(lockPath), "the ledger records it, but it is gone")];
        if (lastLock is null || lastLock.Lock != locked.Seal)
            return [Error("PB4204", new SourceLocation(lockPath, 1, 1), Path.GetFileName(lockPath), "it is not the lock that the ledger records")];
        return
        [
            .. Spec(harness, locked),
            .. Cases(harness, locked, hash),
            .. locked.Model.Select(file => file.Sha256).SequenceEqual(model) ? [] : new[] { Error("PB4203", locked.ModelLocation, locked.Model[0].File) },
            .. Relaxed(harness, locked.Floors, ledger.Relaxations(name)),
        ];
    }

    /// <summary>The floors that are looser than they were, as PB4201 at the floor, or at the list of floors where one was removed.</summary>
    /// <param name="harness">The harness with the floors as they are.</param>
    /// <param name="before">The floors as they were.</param>
    /// <param name="approved">Relaxations that the ledger records since.</param>
    public static IReadOnlyList<Diagnostic> Relaxed(Harness harness, IEnumerable<LockedFloor> before, IEnumerable<LedgerEntry> approved) =>
        [.. Looser(harness, before, approved).Select(floor => Error("PB4201", LocationOf(harness, floor.Name), floor.Name, floor.How))];

    /// <summary>Names of the floors that are looser than they were, each with what is looser about it.</summary>
    public static IReadOnlyList<(string Name, string How)> Looser(Harness harness, IEnumerable<LockedFloor> before, IEnumerable<LedgerEntry> approved)
    {
        ArgumentNullException.ThrowIfNull(approved);
        var now = LockedFloor.Of(harness).ToDictionary(floor => floor.Floor, StringComparer.Ordinal);
        var allowed = before.ToDictionary(floor => floor.Floor, floor => (LockedFloor?)floor, StringComparer.Ordinal);
        foreach (var entry in approved)
        {
            if (entry.Floor is { } floor && allowed.ContainsKey(floor)) allowed[floor] = entry.Approved;
        }
        return
        [
            .. from pair in allowed
               where pair.Value is not null
               let how = now.TryGetValue(pair.Key, out var current) ? current.Looser(pair.Value, LockedFloor.IsUpperLimit(pair.Key)) : "removed"
               where how is not null
               select (pair.Key, how),
        ];
    }

    private static SourceLocation LocationOf(Harness harness, string floor) =>
        harness.Floors.FirstOrDefault(one => one.Id == floor)?.Location ?? harness.FloorsAt;

    private static IEnumerable<JProperty> SpecKeys(Harness harness) =>
        LocatedJson.Load(harness.File).Properties().Where(property => property.Name is not ("$schema" or "floors"));

    private static IEnumerable<Diagnostic> Spec(Harness harness, HarnessLock locked)
    {
        var keys = SpecKeys(harness).ToDictionary(property => property.Name, StringComparer.Ordinal);
        foreach (var (key, property) in keys)
        {
            if (locked.Spec.GetValueOrDefault(key) != CanonicalJson.Hash(property.Value))
                yield return Error("PB4202", LocatedJson.Locate(property, harness.File), key);
        }
        foreach (var key in locked.Spec.Keys.Where(key => !keys.ContainsKey(key)))
            yield return Error("PB4202", new SourceLocation(harness.File, 1, 1), key);
    }

    private static IEnumerable<Diagnostic> Cases(Harness harness, HarnessLock locked, Func<string, string> hash)
    {
        var before = locked.Cases.ToDictionary(file => file.File, file => file.Sha256, StringComparer.Ordinal);
        var named = harness.Cases.SelectMany(source => source switch
        {
            RawCases raw => [(raw.TensorsPath, raw.TensorsAt), (raw.LabelsPath, raw.LabelsAt)],
            JsonlCases lines => [(lines.Path, lines.NamedAt)],
            TokenCases tokens => [(tokens.Path, tokens.TokensAt)],
            _ => Array.Empty<(string Path, SourceLocation At)>(),
        }).Concat(harness.Dataset is null ? [] : [(harness.Dataset.File, harness.DatasetAt)])
            .Concat(harness.Settings.Files.Select(file => (file.Path, At: file.NamedAt)))
            .Concat(harness.Judges.SelectMany(judge => judge.Pinned.Select(file => (Path: file, At: judge.SpecFile.NamedAt))))
            .Concat(harness.OwnScorers is { } own ? own.Files.Select(file => (Path: file, At: own.NamedAt)) : []);
        // What single cases name is known to the lock alone.
        var known = named.Select(file => NameOf(harness, file.Path)).ToHashSet(StringComparer.Ordinal);
        var folder = Path.GetDirectoryName(harness.File)!;
        var ofCases = harness.Kind != TaskKind.Generation ? [] :
            from file in before
            where !known.Contains(file.Key)
            let path = Path.Combine(folder, file.Key)
            where !File.Exists(path) || hash(path) != file.Value
            select Error("PB4202", new SourceLocation(harness.File, 1, 1), file.Key);
        // A file that is not in the lock is a change of the key "cases", which is reported there.
        return ofCases.Concat(
            from file in named
            let name = NameOf(harness, file.Path)
            where before.TryGetValue(name, out var sha) && sha != hash(file.Path)
            select Error("PB4202", file.At, name));
    }

    /// <summary>A case file's name in the lock.</summary>
    public static string NameOf(Harness harness, string path)
    {
        ArgumentNullException.ThrowIfNull(harness);
        return Path.GetRelativePath(Path.GetDirectoryName(harness.File)!, path).Replace('\\', '/');
    }

    private static Diagnostic Error(string code, SourceLocation at, params object?[] arguments) =>
        Diagnostic.Create(code, Severity.Error, arguments).At(at.File, at.Line, at.Column);
}

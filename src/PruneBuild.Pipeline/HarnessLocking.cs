using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Locks a harness: lets the dense parent answer it and records floors, cases, parent and scores.</summary>
public static class HarnessLocking
{
    /// <summary>Writes lock and ledger beside the harness.</summary>
    /// <param name="harnessFile">The harness.</param>
    /// <param name="modelFile">The dense parent, an ONNX file or a folder in Hugging Face layout.</param>
    /// <param name="tool">Version of the tool.</param>
    /// <param name="today">The current day.</param>
    /// <param name="threads">Threads inside an operator.</param>
    /// <param name="cancellation">Ends the run of the model.</param>
    /// <returns>The lock, or what stands against it: PB4201 for every floor that is looser than at the last lock without an entry of the ledger.</returns>
    /// <exception cref="PruneBuildException">Harness, cases, model, lock or ledger cannot be used.</exception>
    public static (HarnessLock? Lock, IReadOnlyList<Diagnostic> Obstacles) Lock(
        string harnessFile, string modelFile, string tool, DateOnly today, int threads, CancellationToken cancellation)
    {
        if (!File.Exists(modelFile) && !ParentModel.IsFolder(modelFile))
            throw new PruneBuildException("PB2001", modelFile);
        var harness = Harness.Load(harnessFile);
        var cases = CaseSet.Load(harness, PromptTokens.Of(modelFile));
        var name = Path.GetFileName(harness.File);
        var lockPath = HarnessLock.PathOf(harness.File);
        var ledger = Ledger.Load(Ledger.PathOf(harness.File));
        // The ledger remembers the floors when the lock is gone.
        if (ledger.LastLock(name)?.Floors is { } before && LockCheck.Relaxed(harness, before, ledger.Relaxations(name)) is { Count: > 0 } relaxed)
            return (null, relaxed);

        var files = ParentModel.Files(modelFile);
        using var parent = ParentFile.Open(modelFile);
        var writes = harness.Kind == TaskKind.Generation;
        var outputs = writes ? new ModelOutputs([]) : ModelRun.Evaluate(parent.Path, harness, cases, threads, cancellation: cancellation);
        var texts = writes ? Write(parent.Path, harness, cases, threads, cancellation) : null;
        var bytes = files.Where(file => file.Role is ParentModel.Model or ParentModel.ExternalData).Sum(file => new FileInfo(file.Path).Length);
        var locked = new HarnessLock
        {
            Harness = name,
            Tool = tool,
            Date = Waivers.Text(today),
            Spec = LockCheck.SpecOf(harness),
            Floors = LockedFloor.Of(harness),
            Cases = [.. harness.SourceFiles.Where(file => file != harness.File).Except(harness.Judges.SelectMany(judge => judge.Calibrating)).Concat(cases.NamedFiles).Distinct()
                .Select(file => new LockedFile(LockCheck.NameOf(harness, file), FileFingerprints.Hash(file)))],
            Model = [.. files.Select(file => new LockedFile(Path.GetFileName(file.Path), FileFingerprints.Hash(file.Path)))],
            Parent = LockedScores.Of(harness, cases, new EvaluatedModels(outputs, outputs) { Bytes = (bytes, bytes), Texts = texts is null ? null : (texts, texts) }),
            Ledger = ledger.Head,
        }.Save(lockPath);
        ledger.Append(new LedgerEntry(locked.Date, name, LedgerKind.Lock) { Lock = locked.Seal, Floors = locked.Floors });
        return (locked, []);
    }

    private static WrittenTexts Write(string modelFile, Harness harness, CaseSet cases, int threads, CancellationToken cancellation)
    {
        using var writer = ModelWriter.Open(modelFile, Path.GetDirectoryName(modelFile)!, threads);
        return WrittenTexts.Of(writer, harness, cases, cancellation: cancellation);
    }
}

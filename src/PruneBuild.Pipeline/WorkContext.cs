using PruneBuild.Diagnostics;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Targeting;

namespace PruneBuild.Pipeline;

/// <summary>What every stage of one request shares.</summary>
public sealed class WorkContext
{
    private readonly Lazy<Device> device;
    private readonly Lazy<Harness?> harness;
    private readonly Lazy<CaseSet?> cases;

    /// <param name="request">The request.</param>
    /// <param name="reporter">Where to say what happens.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="clock">What day it is; the system's clock without it. Only the end of a waiver depends on it.</param>
    public WorkContext(WorkRequest request, IWorkReporter reporter, CancellationToken cancellation, TimeProvider? clock = null)
    {
        Today = DateOnly.FromDateTime((clock ?? TimeProvider.System).GetUtcNow().UtcDateTime);
        Request = request;
        Reporter = reporter;
        Cancellation = cancellation;
        Store = new StageStore(request.StagesFolder);
        Files = new FileFingerprints(Path.Combine(request.StagesFolder, $"hashes-{request.Rid}.json"));
        if (!Path.Exists(request.Model))
            throw AtReference(new PruneBuildException("PB2001", request.Model));
        if (request.Recipe is not null)
            Files.Of(Existing(request.Recipe, "Recipe"), "recipe");
        Recipe = RecipeReader.Read(request);
        device = new Lazy<Device>(FindDevice);
        harness = new Lazy<Harness?>(LoadHarness);
        cases = new Lazy<CaseSet?>(LoadCases);
    }

    /// <summary>The request.</summary>
    public WorkRequest Request { get; }

    /// <summary>Starts a model under a resource profile; null where there is no process to start.</summary>
    public StartProbe? StartProbe { get; init; }

    /// <summary>The current day, UTC.</summary>
    public DateOnly Today { get; }

    /// <summary>Its recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>What it is built for.</summary>
    /// <exception cref="PruneBuildException">PB1020, PB1021, PB6001 at the reference: nobody knows the target.</exception>
    public Device Device => device.Value;

    /// <summary>The harness, or null when nothing is gated.</summary>
    /// <exception cref="PruneBuildException">PB1003, PB1010 to PB1013, PB1030, PB1035, PB1036: it cannot be used.</exception>
    public Harness? Harness => harness.Value;

    /// <summary>The harness's cases, or null when nothing is gated.</summary>
    /// <exception cref="PruneBuildException">PB1010 to PB1013, PB1031 to PB1034: a case file cannot be used.</exception>
    public CaseSet? Cases => cases.Value;

    /// <summary>Finished stages.</summary>
    public StageStore Store { get; }

    /// <summary>Hashes of the input files.</summary>
    public FileFingerprints Files { get; }

    /// <summary>Where to say what happens.</summary>
    public IWorkReporter Reporter { get; }

    /// <summary>Ends the work.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Threads to use.</summary>
    public int Threads => Request.Threads > 0 ? Request.Threads : Environment.ProcessorCount;

    /// <summary>A file the request names.</summary>
    /// <exception cref="PruneBuildException">PB1003: it does not exist.</exception>
    public string Existing(string path, string metadata) => File.Exists(path)
        ? path
        : throw AtReference(new PruneBuildException("PB1003", Request.Name, path, metadata));

    /// <summary>The failure, pointing at the ModelReference.</summary>
    public PruneBuildException AtReference(PruneBuildException exception) =>
        exception.At(Request.Position?.File, Request.Position?.Line ?? 0, Request.Position?.Column ?? 0);

    /// <summary>A key that changes with the tool.</summary>
    public StageKey Key(string stage) =>
        new StageKey(stage).Add("tool", Request.ToolVersion).Add("worker", Request.WorkerHash);

    /// <summary>The result of a stage, made first when it is not there.</summary>
    /// <param name="stage">Stage name.</param>
    /// <param name="key">Its content key.</param>
    /// <param name="keep">As <see cref="StageStore.Trim"/>.</param>
    /// <param name="make">Fills an empty folder.</param>
    internal StageResult Make(string stage, StageKey key, int keep, Action<string> make)
    {
        var text = key.ToString();
        var folder = Store.GetOrMake(stage, text, make, Cancellation);
        Store.Trim(stage, keep);
        return new StageResult(folder, text);
    }

    private CaseSet? LoadCases()
    {
        if (Harness is null)
            return null;
        var loaded = CaseSet.Load(Harness, PromptEncoder.Counting(() => Path.GetDirectoryName(SourceStage.Run(this).Model)!));
        foreach (var file in loaded.NamedFiles)
            Files.Of(file, "cases");
        return loaded;
    }

    private Device FindDevice()
    {
        try
        {
            return DeviceCatalogue.Find(Request.Rid, Request.Device);
        }
        catch (PruneBuildException exception) when (exception.Diagnostic.File is null)
        {
            throw AtReference(exception);
        }
    }

    /// <summary>Fingerprints come before the content is read: what changes in between is stale, never wrong.</summary>
    private Harness? LoadHarness()
    {
        if (Request.Harness is null)
            return null;
        Files.Of(Existing(Request.Harness, "Harness"), "harness");
        var loaded = Harness.Load(Request.Harness);
        var caseFiles = loaded.SourceFiles.Where(file => file != loaded.File).Select(file => Files.Of(file, "cases")).ToList();
        if (Recipe.Calibration is { } calibration
            && caseFiles.Find(file => file.Sha256 == Files.Of(calibration.File, "calibration").Sha256) is { } shared)
            throw calibration.At.Error("PB1036", Path.GetFileName(calibration.File), Path.GetFileName(shared.Path));
        return loaded;
    }
}

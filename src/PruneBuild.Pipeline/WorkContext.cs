using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>What every stage of one request shares.</summary>
public sealed class WorkContext
{
    /// <param name="request">The request.</param>
    /// <param name="reporter">Where to say what happens.</param>
    /// <param name="cancellation">Ends the work.</param>
    public WorkContext(WorkRequest request, IWorkReporter reporter, CancellationToken cancellation)
    {
        Request = request;
        Reporter = reporter;
        Cancellation = cancellation;
        Store = new StageStore(request.StagesFolder);
        Files = new FileFingerprints(Path.Combine(request.StagesFolder, $"hashes-{request.Rid}.json"));
        if (!File.Exists(request.Model))
            throw new PruneBuildException("PB2001", request.Model).At(request.Position?.File, request.Position?.Line ?? 0, request.Position?.Column ?? 0);
        if (request.Recipe is not null)
            Files.Of(Existing(request.Recipe, "Recipe"), "recipe");
        Recipe = RecipeReader.Read(request);
    }

    /// <summary>The request.</summary>
    public WorkRequest Request { get; }

    /// <summary>Its recipe.</summary>
    public Recipe Recipe { get; }

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
        : throw new PruneBuildException("PB1003", Request.Name, path, metadata)
            .At(Request.Position?.File, Request.Position?.Line ?? 0, Request.Position?.Column ?? 0);

    /// <summary>A key that changes with the tool.</summary>
    public StageKey Key(string stage) =>
        new StageKey(stage).Add("tool", Request.ToolVersion).Add("worker", Request.WorkerHash);
}

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The assistant.</summary>
public sealed class HomeAssistantBuilds : SampleBuilds
{
    private readonly Lazy<BuildRun> published;
    private readonly Lazy<BuildRun> again;
    private readonly Lazy<BuildRun> host;
    private readonly Lazy<BuildRun> collapsed;

    public HomeAssistantBuilds(FreshClone clone)
        : base(clone, "HomeAssistant", "assistant")
    {
        published = new(() => Run("publish", "-r", Device, "--self-contained"));
        again = new(() => After(published, "publish", "-r", Device, "--self-contained"));
        host = new(() => After(again, "build", "-r", HostRid));
        collapsed = new(() => After(host, "build", "-r", HostRid, "-p:AssistantRecipe=collapse.recipe.json"));
    }

    /// <summary>The self-contained app for the device.</summary>
    internal BuildRun Published => published.Value;

    /// <summary>The same once more.</summary>
    internal BuildRun Again => again.Value;

    /// <summary>The build for this machine.</summary>
    internal BuildRun Host => host.Value;

    /// <summary>The build with the recipe that forgets what is rare.</summary>
    internal BuildRun Collapsed => collapsed.Value;

    internal string PublishedArtifact => Path.Combine(PublishFolder, "edge", "assistant");

    internal CommandRun RunOnHost(params string[] arguments)
    {
        Host.AssertSucceeded();
        return CommandRun.Of(Clone.Root, "dotnet", [Sample("bin", "Debug", "net10.0", HostRid, "HomeAssistant.dll"), .. arguments]);
    }
}

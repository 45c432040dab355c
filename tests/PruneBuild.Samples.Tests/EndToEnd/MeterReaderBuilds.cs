using System.Text.Json;
using System.Text.RegularExpressions;

namespace PruneBuild.Tests.EndToEnd;

/// <summary>The meter reader.</summary>
public sealed partial class MeterReaderBuilds : SampleBuilds
{
    private readonly Lazy<BuildRun> first;
    private readonly Lazy<BuildRun> second;
    private readonly Lazy<BuildRun> host;
    private readonly Lazy<CommandRun> hostReadings;
    private readonly Lazy<BuildRun> published;
    private readonly Lazy<BuildRun> regressed;

    public MeterReaderBuilds(FreshClone clone)
        : base(clone, "MeterReader", "meter-digits")
    {
        first = new(() => Run("build", "-r", Device));
        second = new(() => After(first, "build", "-r", Device));
        host = new(() => After(second, "build", "-r", HostRid));
        hostReadings = new(ReadOnHost);
        published = new(() => After(host, "publish", "-r", Device, "--self-contained", "-p:InvariantGlobalization=true"));
        regressed = new(RaiseFloor);
    }

    internal BuildRun First => first.Value;

    internal BuildRun Second => second.Value;

    /// <summary>The build for this machine.</summary>
    internal BuildRun Host => host.Value;

    /// <summary>What the app prints with <c>--json</c> on this machine.</summary>
    internal CommandRun HostReadings => hostReadings.Value;

    /// <summary>The self-contained app for the device.</summary>
    internal BuildRun Published => published.Value;

    /// <summary>The build after a floor was raised above what the model reaches.</summary>
    internal BuildRun Regressed => regressed.Value;

    /// <summary>Where the raised floor stands.</summary>
    internal (int Line, int Column) RaisedFloor { get; private set; }

    internal string ParentFile => Sample("models", "meter-digits.onnx");

    /// <summary>Runs the command line that came with the package.</summary>
    internal CommandRun PruneBuild(params string[] arguments)
    {
        using var assets = JsonDocument.Parse(File.ReadAllBytes(Sample("obj", "project.assets.json")));
        var packages = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
        var version = File.ReadAllText(Path.Combine(Clone.Root, "samples", "feed", "version.txt")).Trim();
        return CommandRun.Of(
            Clone.Root, "dotnet", [Path.Combine(packages, "prunebuild", version, "worker", "net10.0", "prunebuild.dll"), .. arguments]);
    }

    /// <summary>What the artifact for the device answers on this machine to some cases of the harness.</summary>
    internal string RecordOnHost()
    {
        var recording = Path.Combine(Clone.Root, "host.cases");
        PruneBuild("record", HarnessFile, "--artifact", ArtifactFolder, "--cases", "60", "--batch", "6", "--output", recording, "--natives", Sample("obj", "prunebuild", "natives.json")).AssertExitCode(0);
        return recording;
    }

    private CommandRun ReadOnHost()
    {
        Host.AssertSucceeded();
        return CommandRun.Of(Clone.Root, "dotnet", Sample("bin", "Debug", "net10.0", HostRid, "MeterReader.dll"), "--json");
    }

    private BuildRun RaiseFloor()
    {
        Published.AssertSucceeded();
        var harness = File.ReadAllText(HarnessFile);
        var floor = AdversarialFloor().Match(harness).Groups["floor"];
        Assert.True(floor.Success, harness);
        File.WriteAllText(HarnessFile, string.Concat(harness.AsSpan(0, floor.Index), "0.99", harness.AsSpan(floor.Index + floor.Length)));
        RaisedFloor = (harness.AsSpan(0, floor.Index).Count('\n') + 1, floor.Index - harness.LastIndexOf('\n', floor.Index));
        return Run("build", "-r", Device);
    }

    [GeneratedRegex(@"""slice"": ""adversarial"", ""min"": (?<floor>[0-9.]+)")]
    private static partial Regex AdversarialFloor();
}

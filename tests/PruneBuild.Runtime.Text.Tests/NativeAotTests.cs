using PruneBuild.Graph.HuggingFace;
using PruneBuild.Tests.Chat.Tools;
using PruneBuild.Tests.Generation;

namespace PruneBuild.Tests;

/// <summary>What an app compiled ahead of time writes, beside what the JIT does. Warnings are errors, so publishing it proves that there are none.</summary>
public sealed class NativeAotTests(NativeAotTests.NativeApp app) : IClassFixture<NativeAotTests.NativeApp>
{
    [Fact]
    public async Task A_language_model_answers_as_under_the_JIT()
    {
        using var folder = new TemporaryFolder();
        using (var source = HuggingFaceModel.Open(Path.Combine(OnnxRuntimeNative.RepositoryRoot, "samples", "HomeAssistant", "models", "assistant")))
            source.Import(folder.Path);
        var expected = await TextCheck.RunAsync(folder.Path, "turn on the kitchen light", withTools: false);
        Assert.NotEmpty(Assert.Single(expected));
        Assert.Equal(expected, app.Print(folder.Path, "turn on the kitchen light"));
    }

    [Fact]
    public async Task Schemas_and_tools_work_as_under_the_JIT()
    {
        using var scripted = new ScriptedModel { Template = ToolTemplates.Hermes };
        scripted.Open().Dispose();
        var expected = await TextCheck.RunAsync(scripted.Folder, "on?", withTools: true);
        Assert.StartsWith("call00000 lamp name=", expected[2], StringComparison.Ordinal);
        Assert.Equal(expected, app.Print(scripted.Folder, "on?", "tools"));
    }

    /// <summary>Publishes on first use, once for all tests.</summary>
    public sealed class NativeApp : IDisposable
    {
        private readonly Lazy<PublishedApp> published = new(() =>
            new PublishedApp("PruneBuild.Runtime.Text.AotCheck", OnnxRuntimeNative.HostRid, "-p:PublishAot=true", "-p:TrimmerSingleWarn=false").WithOnnxRuntime());

        public IReadOnlyList<string> Print(params string[] arguments)
        {
            Skips.Unless(OperatingSystem.IsLinux(), "Publishes for the host, with clang on Linux.");
            PublishedApp.Require("install clang and zlib1g-dev", "/usr/bin/clang");
            return PublishedApp.Run(published.Value.Executable, arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }

        public void Dispose()
        {
            if (published.IsValueCreated)
                published.Value.Dispose();
        }
    }
}

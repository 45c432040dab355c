using PruneBuild.Runtime;

namespace PruneBuild.Tests.Edge;

/// <summary>Where <see cref="EdgeModel.Load"/> looks, seen from a process that was started elsewhere. Alone, because the current directory is everybody's.</summary>
[Collection(nameof(ArtifactLookupTests))]
[CollectionDefinition(nameof(ArtifactLookupTests), DisableParallelization = true)]
public sealed class ArtifactLookupTests : IDisposable
{
    private readonly string before = Environment.CurrentDirectory;
    private readonly string elsewhere = Directory.CreateTempSubdirectory("prunebuild-test-").FullName;
    private readonly string unique = $"test-{Guid.NewGuid():N}";

    public ArtifactLookupTests()
    {
        Directory.CreateDirectory(Own);
        Environment.CurrentDirectory = elsewhere;
    }

    private string Own => Path.Combine(AppContext.BaseDirectory, unique);

    public void Dispose()
    {
        Environment.CurrentDirectory = before;
        Directory.Delete(elsewhere, recursive: true);
        Directory.Delete(Own, recursive: true);
    }

    [Fact]
    public void A_name_is_looked_up_below_edge_beside_the_app()
    {
        using var artifact = new TemporaryArtifact(folder: Path.Combine(AppContext.BaseDirectory, "edge", unique));
        using var model = EdgeModel.Load(unique);
        Assert.Equal("demo", model.Manifest.Name);
    }

    [Theory]
    [InlineData("{0}/digits")]
    [InlineData("./{0}/digits")]
    [InlineData("{0}/digits/")]
    [InlineData("edge/../{0}/digits")]
    public void A_relative_path_starts_at_the_folder_of_the_app(string path)
    {
        using var artifact = new TemporaryArtifact(folder: Path.Combine(Own, "digits"));
        using var model = EdgeModel.Load(string.Format(null, path, unique));
        Assert.Equal("demo", model.Manifest.Name);
    }

    [Fact]
    public void An_absolute_path_is_taken_as_it_is()
    {
        using var artifact = new TemporaryArtifact(folder: Path.Combine(elsewhere, "digits"));
        EdgeModel.Load(artifact.Folder).Dispose();
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("{0}/digits")]
    [InlineData("./{0}/digits")]
    [InlineData("edge/{0}")]
    public void The_current_directory_is_not_searched(string name)
    {
        using var named = new TemporaryArtifact(folder: Path.Combine(elsewhere, "edge", unique));
        using var other = new TemporaryArtifact(folder: Path.Combine(elsewhere, unique, "digits"));
        var exception = Assert.Throws<EdgeModelException>(() => EdgeModel.Load(string.Format(null, name, unique)));
        Assert.Equal("PB6101", exception.Code);
        Assert.Contains(AppContext.BaseDirectory, exception.Message);
    }
}

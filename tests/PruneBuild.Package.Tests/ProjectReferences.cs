using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

/// <summary>A model in a library is for the device of the application that uses the library.</summary>
public sealed class ProjectReferences(PackedFeed feed) : PackageTest(feed)
{
    [Fact]
    public void A_librarys_model_is_built_for_the_runtime_identifier_of_the_application()
    {
        WriteApplicationOf("library");
        var result = Project.BuildForDevice("app.csproj").AssertSucceeded();
        Assert.Equal("linux-arm64", File.ReadAllText(Project.DeviceOutput("edge", "m", "rid.txt")));
        Assert.Equal(5, result.WorkerStarts.Count);
        Assert.Empty(Project.BuildForDevice("app.csproj").AssertSucceeded().WorkerStarts);
    }

    [Fact]
    public void A_librarys_model_is_built_for_this_machine_when_the_application_names_none()
    {
        WriteApplicationOf("library");
        Project.Build("app.csproj").AssertSucceeded();
        Assert.Equal(TestHost.HostRid, File.ReadAllText(Project.Path("bin", "Debug", "net10.0", "edge", "m", "rid.txt")));
    }

    [Fact]
    public void A_published_application_has_its_librarys_model()
    {
        WriteApplicationOf("library");
        Project.Run("publish", "app.csproj", "-r", "linux-arm64", "--no-self-contained").AssertSucceeded();
        var published = Project.Path("bin", "Release", "net10.0", "linux-arm64", "publish", "edge", "m", "rid.txt");
        Assert.Equal("linux-arm64", File.ReadAllText(published));
    }

    [Fact]
    public void A_library_between_them_changes_nothing()
    {
        WriteApplicationOf("between");
        WriteLibrary("between", """<ProjectReference Include="../library/library.csproj" />""");
        var result = Project.BuildForDevice("app.csproj").AssertSucceeded();
        Assert.Equal("linux-arm64", File.ReadAllText(Project.DeviceOutput("edge", "m", "rid.txt")));
        Assert.Equal(5, result.WorkerStarts.Count);
        Assert.DoesNotContain(Path.Combine("m", TestHost.HostRid), result.Log, StringComparison.Ordinal);
    }

    /// <summary>An application that references a library beside it, and the library with the model.</summary>
    private void WriteApplicationOf(string reference)
    {
        Project.Write(
            "Directory.Build.props", "<Project><PropertyGroup><EnableDefaultCompileItems>false</EnableDefaultCompileItems></PropertyGroup></Project>");
        Project.WriteApp($"""<ProjectReference Include="{reference}/{reference}.csproj" /><Compile Include="Program.cs" />""", reference: "");
        WriteLibrary(
            "library",
            $"""
            <PackageReference Include="PruneBuild" Version="{Project.Version}" PrivateAssets="all" />
            <PackageReference Include="PruneBuild.Runtime" Version="{Project.Version}" />
            <ModelReference Include="m.onnx" />
            """);
        Project.Write("library/m.onnx", "score 0.9\npackage rid\n");
    }

    private void WriteLibrary(string name, string items) => Project.Write(
        $"{name}/{name}.csproj",
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
          <ItemGroup>
            {items}
          </ItemGroup>
        </Project>
        """);
}

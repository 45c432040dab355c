using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

public sealed class Misconfiguration(PackedFeed feed) : PackageTest(feed)
{
    [Fact]
    public void Unknown_metadata_is_reported_at_its_place_in_the_project()
    {
        Project.WriteUsualApp();
        Project.WriteApp("""<ModelReference Include="m.onnx" Sparsity="0.8" />""");
        Assert.Equal(new BuildError("PB1001", Project.Path("app.csproj"), 8, 38), Project.BuildForDevice().SingleError());
    }

    [Fact]
    public void A_runtime_identifier_without_ONNX_Runtime_is_an_error_of_the_project()
    {
        Project.WriteUsualApp();
        Assert.Equal(new BuildError("PB6001", Project.Path("app.csproj"), 0, 0), Project.Build("-r", "linux-musl-x64").SingleError());
    }

    [Fact]
    public void An_application_without_the_devices_ONNX_Runtime_is_an_error_unless_it_brings_its_own()
    {
        Project.WriteUsualApp();
        Project.WriteApp("""<ModelReference Include="m.onnx" />""", reference: $"""
            <PackageReference Include="PruneBuild" Version="{Project.Version}" PrivateAssets="all" />
            <PackageReference Include="PruneBuild.Runtime" Version="{Project.Version}" ExcludeAssets="native" />
            """);
        Assert.Equal(new BuildError("PB6001", Project.Path("app.csproj"), 0, 0), Project.BuildForDevice().SingleError());
        Project.BuildForDevice("-p:PruneBuildCheckDeviceNatives=false").AssertSucceeded();
    }

    [Fact]
    public void An_MSBuild_before_18_is_told_so_before_any_task_loads()
    {
        Project.WriteUsualApp();
        var result = Project.BuildForDevice("-p:_PruneBuildMSBuildVersion=17.14.10", "-p:_PruneBuildTasksAssembly=/nowhere.dll");
        Assert.Equal(new BuildError("PB0001", Project.Path("app.csproj"), 0, 0), result.SingleError());
    }

    [Fact]
    public void Offline_without_the_tool_packs_is_one_error_that_names_the_source_and_the_way_out()
    {
        Project.WriteUsualApp();
        Project.Write("nuget.config", Project.NugetConfig(Project.Path("packages"), fallbackFolder: null));
        var result = Project.BuildForDevice();
        Assert.Equal(new BuildError("PB0010", Project.Path("app.csproj"), 0, 0), result.SingleError());
        Assert.Contains("packed (", result.Output, StringComparison.Ordinal);
        Assert.Contains("<PackageDownload Include=", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.WorkerStarts);
    }

    [Fact]
    public void A_locked_restore_and_the_applications_own_files_know_nothing_of_the_tool_packs()
    {
        Project.WriteUsualApp();
        Project.Properties.Add("RestorePackagesWithLockFile=true");
        Project.Run("restore").AssertSucceeded();
        Project.Build("-p:RestoreLockedMode=true").AssertSucceeded();
        string[] files = [Project.Path("packages.lock.json"), Project.Path("bin", "Debug", "net10.0", "app.deps.json")];
        Assert.All(files, file => Assert.DoesNotContain("torch", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("PruneBuild", File.ReadAllText(files[1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Central_package_management_works()
    {
        Project.WriteUsualApp();
        Project.WriteApp(
            """<ModelReference Include="m.onnx" />""", reference: """<PackageReference Include="PruneBuild" PrivateAssets="all" />""");
        Project.Write(
            "Directory.Packages.props",
            $"""
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="PruneBuild" Version="{Project.Version}" /></ItemGroup>
            </Project>
            """);
        Project.BuildForDevice().AssertSucceeded();
        Assert.True(File.Exists(Project.DeviceOutput("edge", "m", "model.onnx")));
    }
}

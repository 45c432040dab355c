using PruneBuild.Package.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(PackedFeed))]

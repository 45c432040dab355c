namespace Microsoft.Build.Framework;

/// <summary>
/// Tells multithreaded MSBuild that a task neither reads nor changes the process's working directory or environment.
/// MSBuild matches it by full name, so it works although the reference assemblies of 18.0 do not have it yet.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;

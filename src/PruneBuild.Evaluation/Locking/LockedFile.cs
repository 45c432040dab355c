namespace PruneBuild.Evaluation;

/// <summary>A file as it was when the harness was locked.</summary>
/// <param name="File">Path relative to the harness, with '/'; of a model only the name.</param>
/// <param name="Sha256">Content hash, lower-case hexadecimal.</param>
public sealed record LockedFile(string File, string Sha256);

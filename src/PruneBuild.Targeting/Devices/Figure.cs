namespace PruneBuild.Targeting;

/// <summary>One number about a device and where it comes from.</summary>
/// <param name="Value">The number, in the unit that its name in <see cref="Device"/> gives.</param>
/// <param name="Source">
/// <c>measured on …</c>, <c>specified: …</c> (a data sheet) or <c>estimated: …</c> (how). An estimate never calls itself a measurement.
/// </param>
public sealed record Figure(double Value, string Source);

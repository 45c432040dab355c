namespace MeterReader;

/// <summary>What the network saw.</summary>
/// <param name="Digits">From left to right.</param>
/// <param name="Confidence">The softmax probability of the least certain digit.</param>
internal sealed record Reading(string Digits, double Confidence);

namespace PruneBuild.Evaluation;

/// <summary>Some consecutive cases as one model input.</summary>
/// <param name="Data">Normalised numbers, cases one after the other.</param>
/// <param name="Shape">Count, then one case's dimensions in the model's order: [n, C, H, W] for images.</param>
/// <param name="First">Index of the first case.</param>
/// <param name="Count">Number of cases.</param>
public sealed record InputBatch(float[] Data, long[] Shape, int First, int Count);

/// <summary>An <see cref="InputBatch"/> with its labels. <see cref="InputBatch.First"/> counts through the whole <see cref="CaseSet"/>.</summary>
/// <param name="Input">The model input.</param>
/// <param name="Labels">One label a case.</param>
public sealed record CaseBatch(InputBatch Input, ReadOnlyMemory<int> Labels);

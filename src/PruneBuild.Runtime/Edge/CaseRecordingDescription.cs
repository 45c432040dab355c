namespace PruneBuild.Runtime;

/// <summary>What a <see cref="CaseRecording"/> holds, and where it was made.</summary>
/// <param name="Artifact">The artifact's name.</param>
/// <param name="ArtifactSha256">Of the SHA-256 of its model files, in the order of their paths: what must be the same wherever it runs.</param>
/// <param name="Rid">The runtime identifier that the artifact was built for.</param>
/// <param name="Machine">Where the outputs come from: the runtime identifier of that machine.</param>
/// <param name="KernelTier">The instruction-set level of its sparse kernels.</param>
/// <param name="OnnxRuntime">The version of ONNX Runtime there.</param>
/// <param name="Threads">Threads within one operator; 0 for as many as there are physical cores.</param>
/// <param name="Input">The model's input.</param>
/// <param name="Output">The model's output that was recorded.</param>
/// <param name="Batch">Cases that the model gets at once; the last batch is filled up with zeros.</param>
/// <param name="Shape">Of one case's input, without the batch.</param>
/// <param name="OutputsPerCase">Numbers that one case gives.</param>
/// <param name="Ids">The id of every case.</param>
/// <param name="Slices">The slice of every case.</param>
/// <param name="Labels">The right class of every case; -1 where there is none.</param>
public sealed record CaseRecordingDescription(
    string Artifact, string ArtifactSha256, string Rid, string Machine, string KernelTier, string OnnxRuntime, int Threads, string Input, string Output,
    int Batch, IReadOnlyList<long> Shape, int OutputsPerCase, IReadOnlyList<string> Ids, IReadOnlyList<string> Slices, IReadOnlyList<int> Labels)
{
    private const int LargestBatch = 4096;

    /// <summary>Numbers of one case's input.</summary>
    internal long ElementsPerCase
    {
        get
        {
            long elements = 1;
            foreach (var dimension in Shape)
            {
                // Saturates: what no array can hold is refused by Validate.
                elements = dimension is < 1 or > int.MaxValue || elements > Array.MaxLength ? long.MaxValue : elements * dimension;
            }
            return elements;
        }
    }

    /// <summary>Numbers of all inputs.</summary>
    internal long InputValues => Ids.Count * ElementsPerCase;

    /// <summary>Numbers of all outputs.</summary>
    internal long OutputValues => (long)Ids.Count * OutputsPerCase;

    /// <exception cref="EdgeModelException">PB6108: impossible sizes.</exception>
    internal void Validate()
    {
        if (Ids.Count == 0 || Slices.Count != Ids.Count || Labels.Count != Ids.Count || Ids.Contains(null!) || Slices.Contains(null!))
            throw CaseRecording.Invalid($"{Ids.Count} ids, {Slices.Count} slices and {Labels.Count} labels do not belong together");
        if (Batch is < 1 or > LargestBatch || OutputsPerCase < 1)
            throw CaseRecording.Invalid($"a batch of {Batch} and {OutputsPerCase} outputs are impossible");
        if (ElementsPerCase > Array.MaxLength)
            throw CaseRecording.Invalid($"the shape [{string.Join(", ", Shape)}] is impossible");
        if (InputValues > Array.MaxLength / sizeof(float) || OutputValues > Array.MaxLength / sizeof(float))
            throw CaseRecording.Invalid("more than two gigabytes of numbers do not fit one recording");
    }
}

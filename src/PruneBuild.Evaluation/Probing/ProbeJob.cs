using Newtonsoft.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Probing;

/// <summary>What a probe runs.</summary>
/// <param name="Model">The ONNX file.</param>
/// <param name="Threads">Threads inside an operator.</param>
/// <param name="Input">The model input; null for the one that is known by its name or comes first.</param>
/// <param name="Output">The model output; null for the first.</param>
/// <param name="TakesTokens">Whether a row of the inputs is token ids and not numbers of a tensor.</param>
/// <param name="Shape">Shape of one tensor with a batch of one; empty for tokens.</param>
/// <param name="Inputs">The file of inputs, a <see cref="RowFile"/>.</param>
/// <param name="FirstRows">The first row of each block in that file, and the end of the last.</param>
public sealed record ProbeJob(string Model, int Threads, string? Input, string? Output, bool TakesTokens, long[] Shape, string Inputs, int[] FirstRows)
{
    /// <summary>How it writes; null for a model that answers with numbers. <see cref="Inputs"/> are then prompts, one a block, in JSON.</summary>
    public WritingJob? Writing { get; init; }

    /// <summary>The job as one line.</summary>
    public string ToLine() => JsonConvert.SerializeObject(this, Formatting.None);

    /// <summary>Reads such a line.</summary>
    /// <exception cref="PruneBuildException">PB9005: it is no job.</exception>
    public static ProbeJob Parse(string? line)
    {
        try
        {
            return JsonConvert.DeserializeObject<ProbeJob>(line ?? "") is { Model: not null, Inputs: not null, FirstRows: not null, Shape: not null } job
                ? job
                : throw new PruneBuildException("PB9005", "a measuring process got no job");
        }
        catch (JsonException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB9005", Severity.Error, $"a measuring process got no job: {exception.Message}"), exception);
        }
    }
}

/// <summary>How a probe writes.</summary>
/// <param name="Folder">Where tokenizer and chat template are.</param>
/// <param name="Settings">How much, and what ends it.</param>
public sealed record WritingJob(string Folder, WritingSettings Settings);

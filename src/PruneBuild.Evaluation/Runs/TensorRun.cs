using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>Runs a model on tensors. One whose batch dimension is fixed gets batches of that size, the last one filled up with zeros.</summary>
internal static class TensorRun
{
    /// <summary>Numbers of all outputs together: 256 MB. Of a classifier that gives more, only answers and margins are kept.</summary>
    public const long MostNumbers = 1 << 26;

    public static ModelOutputs Evaluate(RunningModel model, Harness harness, CaseSet cases)
    {
        var input = InputOf(model, harness);
        var size = FixedBatch(model, input) ?? harness.BatchSize;
        var batches = cases.Tasks.Count > 0 ? Batches(harness.Input, cases, size) : cases.Batches(size).Select(batch => batch.Input);
        var total = cases.Tasks.Count > 0 ? cases.Inputs.Count : cases.Count;
        var rows = new List<float[]>(total);
        var isLarge = KeepsAnswersOnly(harness, cases);
        foreach (var batch in ReadAhead.Of(batches))
        {
            var outputs = Run(model, harness, input, batch);
            rows.AddRange(isLarge ? outputs.Select(Predictions.Summary) : outputs);
            model.Progress?.Report(new EvaluationProgress(rows.Count, total));
        }
        return new ModelOutputs(rows);
    }

    /// <summary>Whether the logits of a classifier are too many to be kept.</summary>
    public static bool KeepsAnswersOnly(Harness harness, CaseSet cases) => harness.Kind == TaskKind.Classification && (long)cases.Count * harness.Classes > MostNumbers;

    /// <summary>The input that takes the tensor.</summary>
    public static string InputOf(RunningModel model, Harness harness) => RunningModel.Choose(harness.Input.Name, model.Session.InputNames, "input", model.Path);

    /// <summary>Runs one batch and gives a row for each of its cases.</summary>
    public static IEnumerable<float[]> Run(RunningModel model, Harness harness, string input, InputBatch batch)
    {
        var filled = Fill(batch, FixedBatch(model, input));
        using var value = OrtValue.CreateTensorValueFromMemory(filled.Data, filled.Shape);
        var (numbers, shape) = model.Run([(input, value)], shape => Fits(harness, shape, filled.Shape[0]), found => WrongOutput(model, harness, found));
        var width = numbers.Length / (int)filled.Shape[0];
        var rows = Enumerable.Range(0, batch.Count).Select(i => numbers.AsSpan(i * width, width).ToArray());
        return harness.Kind == TaskKind.Embedding && shape.Length == 3 ? rows.Select(row => PooledVector.Of(row, (int)shape[2], harness.Settings.Pooling)) : rows;
    }

    public static int? FixedBatch(RunningModel model, string input) => model.Session.InputMetadata[input].Dimensions is [> 0 and var size, ..] ? size : null;

    private static bool Fits(Harness harness, long[] shape, long count) => shape.Length > 0 && shape[0] == count && harness.Kind switch
    {
        TaskKind.Classification => shape.Length == 2 && shape[1] == harness.Classes,
        TaskKind.Regression => shape.Length == 1 || (shape.Length == 2 && shape[1] == 1),
        _ => shape.Length is 2 or 3,
    };

    private static PruneBuildException WrongOutput(RunningModel model, Harness harness, string found) => harness.Kind switch
    {
        TaskKind.Classification => new PruneBuildException("PB5002", model.Output, model.Path, found, harness.Classes).At(model.Path),
        TaskKind.Regression => model.WrongOutput(found, "one number a case, [n] or [n, 1]"),
        _ => model.WrongOutput(found, "vectors, [n, width] or [n, tokens, width]"),
    };

    public static InputBatch Fill(InputBatch batch, int? fixedBatch)
    {
        if (fixedBatch is not { } size || size == batch.Count) return batch;
        var data = new float[batch.Data.Length / batch.Count * size];
        batch.Data.CopyTo(data, 0);
        return batch with { Data = data, Shape = [size, .. batch.Shape[1..]] };
    }

    private static IEnumerable<InputBatch> Batches(InputSpec spec, CaseSet cases, int size)
    {
        var first = 0;
        foreach (var chunk in cases.Inputs.Chunk(size))
        {
            yield return new InputBatch([.. chunk.SelectMany(input => input.Numbers)], spec.BatchShape(chunk.Length), first, chunk.Length);
            first += chunk.Length;
        }
    }
}

using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Calibration;

/// <summary>
/// Runs a model on calibration data and keeps, of the input of every site, only mergeable statistics. Memory: the model, one
/// batch's activations, and K² numbers for each distinct input of K features.
/// </summary>
public static class Calibrator
{
    private const long LargestInlineModel = 1_500_000_000;

    /// <summary>Collects the statistics of the inputs of the sites.</summary>
    /// <param name="model">The model; unchanged afterwards.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="sites">The sites to calibrate.</param>
    /// <param name="batches">Enumerated once; even ones go to the fit half, odd ones to the hold-out half.</param>
    /// <param name="threads">Threads of ONNX Runtime and of the statistics.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit its inputs.</exception>
    public static CalibrationStatistics Collect(
        OnnxModel model, string modelPath, IReadOnlyList<WeightSite> sites, IEnumerable<CalibrationBatch> batches,
        int threads, CancellationToken cancellation)
    {
        var accumulators = new SiteAccumulators(model, sites);
        if (accumulators.Distinct.Count > 0)
            Run(model, modelPath, accumulators.Distinct, batches, threads, cancellation);
        return new CalibrationStatistics(accumulators.Finish().ToDictionary(
            one => one.Site.OutputName, one => one.Statistics, StringComparer.Ordinal));
    }

    private static void Run(
        OnnxModel model, string modelPath, IReadOnlyList<SiteAccumulator> accumulators, IEnumerable<CalibrationBatch> batches,
        int threads, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("prunebuild-calibration-").FullName;
        try
        {
            var inputs = model.Graph.Input.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
            var tensors = accumulators.Select(accumulator => accumulator.Tensor).Distinct().Where(name => !inputs.Contains(name)).ToList();
            var instrumented = Path.Combine(folder, "model.onnx");
            SaveWithOutputs(model, tensors, instrumented);
            using var session = Open(instrumented, modelPath, threads);
            using var options = new RunOptions();
            var number = 0;
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                // A run without outputs is refused; every site that reads a graph input needs none.
                if (tensors.Count > 0)
                    RunBatch(session, options, batch, tensors, accumulators, number % 2 == 1, threads);
                AddInputs(batch, accumulators, number % 2 == 1, threads);
                number++;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void SaveWithOutputs(OnnxModel model, List<string> tensors, string path)
    {
        var before = model.Graph.Output.ToList();
        var present = before.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        try
        {
            model.Graph.Output.AddRange(tensors.Where(name => !present.Contains(name)).Select(name => new ValueInfoProto { Name = name }));
            model.Save(path, externalData: model.WeightBytes > LargestInlineModel);
        }
        finally
        {
            model.Graph.Output.Clear();
            model.Graph.Output.AddRange(before);
        }
    }

    private static InferenceSession Open(string path, string modelPath, int threads)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC,
            IntraOpNumThreads = threads,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException reason)
        {
            throw new PruneBuildException(Diagnostic.Create("PB2012", Severity.Error, modelPath, reason.Message).At(modelPath), reason);
        }
    }

    private static void RunBatch(
        InferenceSession session, RunOptions options, CalibrationBatch batch, List<string> tensors,
        IReadOnlyList<SiteAccumulator> accumulators, bool toHoldOut, int threads)
    {
        var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            foreach (var name in session.InputNames)
                values[name] = BatchValues.Of(batch, name);
            using var results = session.Run(options, values, tensors);
            for (var index = 0; index < tensors.Count; index++)
            {
                var info = results[index].GetTensorTypeAndShape();
                foreach (var accumulator in accumulators.Where(accumulator => accumulator.Tensor == tensors[index]))
                    accumulator.Add(results[index].GetTensorDataAsSpan<float>(), info.Shape, toHoldOut, threads);
            }
        }
        catch (OnnxRuntimeException reason)
        {
            throw BatchValues.Misfit(batch.Source, string.Join(", ", batch.Inputs.Keys), reason.Message, reason);
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    private static void AddInputs(CalibrationBatch batch, IReadOnlyList<SiteAccumulator> accumulators, bool toHoldOut, int threads)
    {
        foreach (var accumulator in accumulators)
        {
            if (batch.Inputs.TryGetValue(accumulator.Tensor, out var tensor) && tensor.Data is float[] data)
                accumulator.Add(data, tensor.Shape, toHoldOut, threads);
        }
    }
}

using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime;

/// <summary>The one way PruneBuild opens a model, so that what is evaluated is what the device runs.</summary>
public static class ModelSession
{
    /// <summary>
    /// Options with the sparse operators registered, all graph optimizations, DequantizeLinear of constant weights folded at load
    /// (<c>session.disable_quant_qdq</c>), and threads that sleep when idle: spinning pools of several sessions starve a small CPU.
    /// </summary>
    /// <param name="threads">Threads within one operator; 0 lets ONNX Runtime use every physical core.</param>
    /// <param name="waitsActively">
    /// Whether threads spin from one operator to the next, and sleep only when the run has ended: what many small operators gain from a second thread is
    /// otherwise lost in waking it.
    /// </param>
    public static SessionOptions CreateOptions(int threads = 0, bool waitsActively = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = threads };
        options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", waitsActively ? "1" : "0");
        if (waitsActively)
            options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        SparseOperators.Register(options);
        return options;
    }

    /// <summary>Opens a model file with <see cref="CreateOptions"/>.</summary>
    /// <param name="modelPath">An .onnx file; external data is found beside it.</param>
    /// <param name="threads">As for <see cref="CreateOptions"/>.</param>
    /// <param name="waitsActively">As for <see cref="CreateOptions"/>.</param>
    /// <exception cref="OnnxRuntimeException">The model, or packed weights in it, cannot be loaded.</exception>
    public static InferenceSession Open(string modelPath, int threads = 0, bool waitsActively = false)
    {
        using var options = CreateOptions(threads, waitsActively);
        return new(modelPath, options);
    }
}

using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Scorers;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Judging;

/// <summary>
/// An ONNX classifier as judge, such as a model that says whether one text follows from another: offline and the same answer each time.
/// The label is that of the largest number of the first output, [1, labels] or [labels] floats in the order of the spec's labels.
/// </summary>
public sealed class ClassifierJudge : IJudge, IDisposable
{
    private readonly InferenceSession _session;
    private readonly JudgeSpec _spec;
    private readonly Func<JudgeQuestion, IReadOnlyCollection<NamedOnnxValue>> _encode;

    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="spec">Labels and limits; its model is the name of the file.</param>
    /// <param name="encode">Makes the model's inputs of a question.</param>
    /// <param name="encoder">Name and version of that encoding, part of the key.</param>
    /// <exception cref="PruneBuildException">PB5044 the model cannot be loaded.</exception>
    public ClassifierJudge(string modelPath, JudgeSpec spec, Func<JudgeQuestion, IReadOnlyCollection<NamedOnnxValue>> encode, string encoder)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (_spec, _encode) = (spec, encode);
        try
        {
            _session = ModelSession.Open(modelPath, threads: 1);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5044", Severity.Error, "*", exception.Message.ReplaceLineEndings(" ")), exception);
        }
        using var file = File.OpenRead(modelPath);
        Key = CanonicalJson.HashOf(new { spec = spec.Key, encoder, model = Convert.ToHexStringLower(SHA256.HashData(file)) });
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <summary>Names of the model's inputs.</summary>
    public IReadOnlyList<string> Inputs => _session.InputNames;

    /// <inheritdoc/>
    public Task<Judgement> JudgeAsync(JudgeQuestion question, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            using var outputs = _session.Run(_encode(question));
            var logits = outputs[0].AsEnumerable<float>().ToArray();
            if (logits.Length != _spec.Labels.Count) throw new PruneBuildException("PB5043", question.CaseId, $"{logits.Length} numbers", $"{_spec.Labels.Count} are expected, one a label");
            if (!Array.TrueForAll(logits, float.IsFinite)) throw new PruneBuildException("PB5043", question.CaseId, "NaN or infinity", "finite numbers are expected");
            return Task.FromResult(new Judgement(_spec.Labels[Softmax.Largest(logits)]));
        }
        catch (OnnxRuntimeException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5044", Severity.Error, question.CaseId, exception.Message.ReplaceLineEndings(" ")), exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace PruneBuild.Runtime;

/// <summary>A compressed model as an app uses it: found by name, checked against its manifest, opened with the sparse kernels of this CPU.</summary>
public sealed class EdgeModel : IDisposable
{
    private readonly int threads;

    private EdgeModel(string folder, ArtifactManifest manifest, InferenceSession session, string kernelTier, int threads)
    {
        this.threads = threads;
        Folder = folder;
        Manifest = manifest;
        Session = session;
        KernelTier = kernelTier;
    }

    /// <summary>The artifact's folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>What the artifact says about itself.</summary>
    public ArtifactManifest Manifest { get; }

    /// <summary>The open session, for models with several inputs or outputs or other types than float.</summary>
    public InferenceSession Session { get; }

    /// <summary>The instruction-set level of the sparse kernels, for example <c>avx2</c> or <c>advsimd-dp</c>.</summary>
    public string KernelTier { get; }

    /// <summary>The model's inputs, in order.</summary>
    public IReadOnlyList<string> InputNames => Session.InputNames;

    /// <summary>Loads an artifact: manifest, integrity of every file, verdict and architecture are checked before the model is opened.</summary>
    /// <param name="name">
    /// An artifact's name, looked up as <c>edge/name</c> beside the app, or the path of its folder. A relative path starts at
    /// the app's folder (<see cref="AppContext.BaseDirectory"/>), so that it names the <c>TargetPath</c> of the build.
    /// </param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="EdgeModelException">PB6101 to PB6106; see the constants of the exception.</exception>
    public static EdgeModel Load(string name, EdgeModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        options ??= new();
        var folder = FolderOf(name);
        var manifest = ArtifactManifest.Load(Path.Combine(folder, ArtifactManifest.FileName));
        // A build ships an inconclusive model only when its owner chose PruneBuildInconclusive=warn, a waived one only by an entry of the ledger.
        if (manifest.Verdict is not ("pass" or "not gated" or "inconclusive" or "waived") && !options.AllowUngated)
            throw new EdgeModelException(EdgeModelException.GateNotPassed, $"The artifact '{manifest.Name}' has the verdict '{manifest.Verdict}'. Set AllowUngated to run it all the same.");
        CheckArchitecture(manifest.Rid);
        foreach (var file in manifest.Files)
            CheckIntegrity(folder, file);

        try
        {
            var session = ModelSession.Open(Path.Combine(folder, manifest.ModelFile().Path), options.Threads, options.WaitActively);
            return new(folder, manifest, session, KernelRegistry.DisplayName(KernelRegistry.SelectTier()), options.Threads);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new EdgeModelException(EdgeModelException.SessionFailed, $"The model of '{manifest.Name}' cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Runs a model with one float input and one float output.</summary>
    /// <param name="input">The input's values, row-major.</param>
    /// <param name="shape">The input's shape; its product is the number of values.</param>
    /// <returns>The output's values, row-major.</returns>
    /// <exception cref="EdgeModelException">PB6107: the model has another signature, or the input does not fit it.</exception>
    public unsafe float[] Run(ReadOnlySpan<float> input, ReadOnlySpan<long> shape)
    {
        if (Session.InputMetadata.Count != 1 || Session.OutputMetadata.Count != 1
            || Session.InputMetadata.Values.Single().ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float
            || Session.OutputMetadata.Values.Single().ElementDataType != Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float)
        {
            throw new EdgeModelException(EdgeModelException.InputMismatch, $"'{Manifest.Name}' does not have exactly one float input and one float output; use Session.");
        }

        long count = 1;
        foreach (var dimension in shape)
            count = dimension < 0 ? -1 : count * dimension;
        if (count != input.Length)
            throw new EdgeModelException(EdgeModelException.InputMismatch, $"The shape [{string.Join(", ", shape.ToArray())}] does not hold {input.Length} values.");

        fixed (float* data = input)
        {
            using var tensor = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, shape.ToArray(), (nint)data, (long)input.Length * sizeof(float));
            using var options = new RunOptions();
            try
            {
                using var results = Session.Run(options, Session.InputNames, [tensor], Session.OutputNames);
                return results[0].GetTensorDataAsSpan<float>().ToArray();
            }
            catch (OnnxRuntimeException exception)
            {
                throw new EdgeModelException(EdgeModelException.InputMismatch, $"'{Manifest.Name}' rejected the input: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Answers the cases of a recording on this machine, to compare with <c>prunebuild compare</c>.</summary>
    /// <param name="recording">Made of this artifact by <c>prunebuild record</c>.</param>
    /// <returns>The same cases with the answers given here.</returns>
    /// <exception cref="EdgeModelException">PB6108: the recording is of another artifact. PB6107: the model does not fit it.</exception>
    public CaseRecording Replay(CaseRecording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        if (recording.Description.ArtifactSha256 != Manifest.ModelSha256())
            throw new EdgeModelException(EdgeModelException.RecordingInvalid, $"The recording is of another artifact than this '{Manifest.Name}'.");
        return CaseReplay.Run(Session, recording.Description, recording.Inputs, threads);
    }

    /// <summary>Closes the session.</summary>
    public void Dispose() => Session.Dispose();

    private static string FolderOf(string name)
    {
        var isPath = Path.IsPathRooted(name) || name.AsSpan().ContainsAny('/', '\\') || name is "." or "..";
        // Never the current directory: that of a system service is '/'.
        var folder = Path.GetFullPath(isPath ? name : Path.Combine("edge", name), AppContext.BaseDirectory);
        return Directory.Exists(folder) ? folder : throw new EdgeModelException(EdgeModelException.NotFound, $"There is no artifact folder '{folder}'.");
    }

    private static void CheckArchitecture(string rid)
    {
        var built = rid[(rid.LastIndexOf('-') + 1)..];
        var here = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        if (built is "x64" or "arm64" or "x86" or "arm" && built != here)
            throw new EdgeModelException(EdgeModelException.WrongArchitecture, $"The artifact was built for '{rid}'; this process is {here}.");
    }

    private static void CheckIntegrity(string folder, ArtifactFile file)
    {
        var path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
            throw new EdgeModelException(EdgeModelException.IntegrityBroken, $"The file '{file.Path}' is missing.");
        using var stream = File.OpenRead(path);
        if (stream.Length != file.Bytes)
            throw new EdgeModelException(EdgeModelException.IntegrityBroken, $"The file '{file.Path}' is {stream.Length} bytes long; the manifest says {file.Bytes}.");
        if (!Convert.ToHexStringLower(SHA256.HashData(stream)).Equals(file.Sha256, StringComparison.OrdinalIgnoreCase))
            throw new EdgeModelException(EdgeModelException.IntegrityBroken, $"The file '{file.Path}' was changed: its SHA-256 is not the manifest's.");
    }
}

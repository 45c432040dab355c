using System.Security.Cryptography;
using System.Text;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Performance;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Targeting.Calibration;

namespace PruneBuild.Pipeline;

/// <summary>Two models and the cases they are timed on, on this machine: in a build, or on a device with <c>prunebuild measure</c>.</summary>
/// <param name="Harness">The harness.</param>
/// <param name="Cases">Its cases.</param>
/// <param name="Timed">Those that are timed.</param>
/// <param name="ParentModel">The dense parent.</param>
/// <param name="CandidateModel">The candidate.</param>
public sealed record MeasuringWork(Harness Harness, CaseSet Cases, TimedCases Timed, string ParentModel, string CandidateModel)
{
    /// <summary>The folder with tokenizer and chat template, for texts; that of the candidate without it.</summary>
    public string? TokenizerFolder { get; init; }

    private const string InputsFile = "inputs.bin";

    /// <summary>This machine, as records name it.</summary>
    public static string Machine { get; } = $"{HostMachine.CpuName()}, {Environment.ProcessorCount} cores, {HostMachine.Rid}";

    /// <summary>A hash of a model's files and their names, the same in the stage that made them and in the artifact.</summary>
    /// <param name="model">The ONNX file; its external data lies beside it and begins with its name.</param>
    public static string HashOf(string model)
    {
        var files = Directory.EnumerateFiles(Path.GetDirectoryName(model)!, $"{Path.GetFileName(model)}*").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{FileFingerprints.Hash(file)} {Path.GetFileName(file)}\n")))));
    }

    /// <summary>Measures under one profile. The caller holds the <see cref="MeasurementLock"/>.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="start">Starts the processes.</param>
    /// <param name="threads">Threads where the profile does not say.</param>
    /// <param name="folder">Where their inputs may lie meanwhile.</param>
    /// <param name="today">The current day.</param>
    /// <param name="cancellation">Ends it.</param>
    public PerformanceRecord Measure(ResourceProfile profile, StartProbe start, int threads, string folder, DateOnly today, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(start);
        var inputs = Path.Combine(folder, InputsFile);
        try
        {
            var (rows, hash) = Timed.Write(Harness, Cases, inputs);
            IModelProbe Probe(string model) => start(profile, new ProbeJob(
                model, profile.ThreadsOn(threads), Harness.HasTensors ? Harness.Input.Name : Harness.Settings.TokenInput, Harness.Output,
                !Harness.HasTensors, Harness.HasTensors ? Harness.Input.BatchShape(1) : [], inputs, rows)
            {
                Writing = Harness.Settings.Writing is { } settings ? new WritingJob(TokenizerFolder ?? Path.GetDirectoryName(CandidateModel)!, settings) : null,
            }, cancellation);

            using var parent = Probe(ParentModel);
            using var candidate = Probe(CandidateModel);
            return ProfileMeasurement.Measure(profile, parent, candidate, Timed, Harness.Performance.Latency, cancellation) with
            {
                Rid = HostMachine.Rid,
                Machine = Machine,
                Artifact = HashOf(CandidateModel),
                Inputs = hash,
                Date = Waivers.Text(today),
            };
        }
        finally
        {
            File.Delete(inputs);
        }
    }

    /// <summary>The hash that a record of the same inputs has.</summary>
    public string HashOfInputs()
    {
        var path = Path.GetTempFileName();
        try
        {
            return Timed.Write(Harness, Cases, path).Hash;
        }
        finally
        {
            File.Delete(path);
        }
    }
}

using PruneBuild.Graph;

namespace PruneBuild.Compression.Training;

/// <summary>Repairs an edited model by training it towards its dense parent.</summary>
public interface ITrainingRecovery
{
    /// <summary>Name for recipes and reports.</summary>
    string Name { get; }

    /// <summary>Trains, and stores the result in the student under the same names and shapes; zeros of its matrices and kernels stay exact zeros.</summary>
    /// <param name="student">The edited model.</param>
    /// <param name="teacher">The dense parent; unchanged. Its compared values have the student's names and shapes.</param>
    /// <param name="data">Cases, disjoint from those of any evaluation.</param>
    /// <param name="options">Budget and optimizer.</param>
    /// <param name="progress">Told after every step; may be null.</param>
    /// <param name="cancellation">Observed between steps; a cancelled training leaves the student as it was.</param>
    /// <exception cref="Diagnostics.PruneBuildException">
    /// PB3007: a node is not supported. PB3008: the student has nothing to train. PB0012, PB0013: libtorch does not load.
    /// </exception>
    /// <exception cref="ArgumentException">A compared value does not exist.</exception>
    TrainingReport Recover(
        OnnxModel student, OnnxModel teacher, TrainingData data, TrainingOptions options,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default);
}

/// <summary>How far a training is.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Steps">Steps at most.</param>
/// <param name="Loss">Loss of the last step's batch.</param>
public sealed record TrainingProgress(int Step, int Steps, double Loss);

using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>How far the student is from its dense parent.</summary>
internal interface IDistillationLoss
{
    /// <summary>The values compared.</summary>
    IReadOnlyList<string> Values { get; }

    /// <summary>Values of the student that no gradient crosses.</summary>
    IReadOnlySet<string>? Boundaries { get; }

    /// <summary>The loss, a mean over the cases.</summary>
    /// <param name="student">The student's values by name.</param>
    /// <param name="teacher">The parent's.</param>
    /// <param name="tokens">1 for tokens that count and 0 for others, [cases, tokens]; null when all count.</param>
    torch.Tensor Of(IReadOnlyDictionary<string, torch.Tensor> student, IReadOnlyDictionary<string, torch.Tensor> teacher, torch.Tensor? tokens);
}

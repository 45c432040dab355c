using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace PruneBuild.Evaluation;

/// <summary>
/// What the work on cases depends on, taken apart: what the model sees, what is right, and how cases hang together. A changed label
/// asks for other scores, not for another run of the model; another slice asks for neither.
/// </summary>
public static class CaseKeys
{
    /// <summary>What the model sees of the cases, in their order.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="hash">The content hash of a file.</param>
    public static string Inputs(CaseSet cases, Func<string, string> hash)
    {
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentNullException.ThrowIfNull(hash);
        using var key = new Content();
        foreach (var (path, content) in cases.Contents) key.Add(path is null ? content! : hash(path));
        foreach (var input in cases.Inputs)
        {
            key.Add([input.FirstScored, input.Tokens.Length, input.Numbers.Length]);
            key.Add(input.Tokens);
            key.Add(input.Numbers);
        }
        foreach (var prompt in cases.Tasks.Select(one => one.Writing?.Prompt).OfType<WritingPrompt>())
        {
            key.Add([prompt.Text is null ? 0 : 1, prompt.Messages.Count]);
            key.Add(prompt.Text ?? "");
            foreach (var message in prompt.Messages)
            {
                key.Add(message.Role);
                key.Add(message.Content);
            }
        }
        return key.ToString();
    }

    /// <summary>What is right: labels, targets, judged similarities, relevant documents, bytes, checks and references of texts.</summary>
    public static string Gold(CaseSet cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        using var key = new Content();
        key.Add([.. cases.Labels]);
        key.Add([.. cases.Targets]);
        foreach (var one in cases.Tasks)
        {
            key.Add([one.Inputs.Count, one.Bytes.Count, .. one.Bytes]);
            key.Add([.. (one.Scored ?? []).SelectMany(range => (int[])[range.From, range.End])]);
            key.Add([one.Similarity ?? double.NaN]);
            if (one.Writing is { } writing) key.Add(writing.Gold);
            foreach (var (document, relevance) in (one.Relevance ?? new Dictionary<string, double>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                key.Add(document);
                key.Add([relevance]);
            }
        }
        foreach (var document in cases.Corpus) key.Add(document.Id);
        return key.ToString();
    }

    /// <summary>Slices and clusters of the cases, and what they are parts of.</summary>
    public static string Frame(CaseSet cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        using var key = new Content();
        foreach (var slice in cases.Slices) key.Add(slice);
        key.Add([.. cases.SliceOf]);
        key.Add([.. cases.ContextSliceOf]);
        key.Add([.. cases.WholeOf]);
        foreach (var cluster in cases.ClusterOf) key.Add(cluster ?? "");
        return key.ToString();
    }

    /// <summary>The ids of the cases.</summary>
    internal static string Ids(CaseSet cases)
    {
        using var key = new Content();
        for (var i = 0; i < cases.Count; i++) key.Add(cases.Id(i));
        return key.ToString();
    }

    /// <summary>A hash over parts of known length, so that no two lists of parts read the same.</summary>
    private sealed class Content : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Add(string text) => Add<byte>(Encoding.UTF8.GetBytes(text));

        public void Add(int[] numbers) => Add<int>(numbers);

        public void Add(float[] numbers) => Add<float>(numbers);

        public void Add(double[] numbers) => Add<double>(numbers);

        public override string ToString() => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public void Dispose() => _hash.Dispose();

        private void Add<T>(T[] numbers)
            where T : unmanaged
        {
            _hash.AppendData(BitConverter.GetBytes(numbers.Length));
            _hash.AppendData(MemoryMarshal.AsBytes(numbers.AsSpan()));
        }
    }
}

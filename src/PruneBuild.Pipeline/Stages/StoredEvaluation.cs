using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Newtonsoft.Json;
using PruneBuild.Evaluation;
using PruneBuild.Evaluation.Statistics;

namespace PruneBuild.Pipeline;

/// <summary>
/// Keeps scores and resamples among the stages. Scores depend on the outputs, on what is right and on the scorer; resamples on slices and
/// clusters as well; neither on a floor.
/// </summary>
/// <param name="context">The work.</param>
/// <param name="cases">The cases.</param>
/// <param name="outputs">Keys of the outputs of parent and candidate.</param>
internal sealed class StoredEvaluation(WorkContext context, CaseSet cases, string outputs) : IEvaluationCache
{
    private const string ScoreStage = "scores";
    private const string ResampleStage = "resamples";
    private const string ValuesFile = "values.bin";
    private const string ReasonsFile = "reasons.json";
    private const int Keep = 64;

    private readonly string gold = CaseKeys.Gold(cases);
    private readonly string frame = CaseKeys.Frame(cases);

    /// <summary>How many scores and resamples were taken and not found.</summary>
    public int Made { get; private set; }

    /// <inheritdoc/>
    public CaseValuePair Scores(string identity, Func<CaseValuePair> make)
    {
        var key = context.Key(ScoreStage).Add("outputs", outputs).Add("gold", gold).Add("scorer", identity).ToString();
        var folder = context.Store.GetOrMake(ScoreStage, key, working =>
        {
            Made++;
            var made = make();
            WriteNumbers(working, [.. made.Parent.Values, .. made.Candidate.Values]);
            File.WriteAllText(Path.Combine(working, ReasonsFile), JsonConvert.SerializeObject(new[] { made.Parent.Reason, made.Candidate.Reason }));
        }, context.Cancellation);
        if (ReadNumbers(folder) is not { } numbers || numbers.Length % 2 != 0 || ReadReasons(folder) is not { Length: 2 } reasons)
            return make();
        var count = numbers.Length / 2;
        return new CaseValuePair(new CaseValues(numbers[..count], reasons[0]), new CaseValues(numbers[count..], reasons[1]));
    }

    /// <inheritdoc/>
    public PairedBootstrap Resamples(string identity, Func<PairedBootstrap> make)
    {
        var key = context.Key(ResampleStage).Add("outputs", outputs).Add("gold", gold).Add("frame", frame).Add("quantity", identity).ToString();
        var folder = context.Store.GetOrMake(ResampleStage, key, working =>
        {
            Made++;
            WriteNumbers(working, make().ToNumbers());
        }, context.Cancellation);
        return (ReadNumbers(folder) is { } numbers ? PairedBootstrap.FromNumbers(numbers) : null) ?? make();
    }

    /// <summary>Removes what earlier evaluations left.</summary>
    public void Trim()
    {
        context.Store.Trim(ScoreStage, Keep);
        context.Store.Trim(ResampleStage, Keep);
    }

    private static void WriteNumbers(string folder, double[] numbers)
    {
        var bytes = MemoryMarshal.AsBytes(numbers.AsSpan());
        using var stream = File.Create(Path.Combine(folder, ValuesFile));
        stream.Write(bytes);
        stream.Write(SHA256.HashData(bytes));
    }

    // Null when the file is damaged: what it held is only a short cut.
    private static double[]? ReadNumbers(string folder)
    {
        var path = Path.Combine(folder, ValuesFile);
        if (!File.Exists(path))
            return null;
        var stored = File.ReadAllBytes(path);
        var length = stored.Length - SHA256.HashSizeInBytes;
        if (length < 0 || length % sizeof(double) != 0 || !SHA256.HashData(stored.AsSpan(0, length)).AsSpan().SequenceEqual(stored.AsSpan(length)))
            return null;
        return MemoryMarshal.Cast<byte, double>(stored.AsSpan(0, length)).ToArray();
    }

    private static string?[]? ReadReasons(string folder)
    {
        try
        {
            return JsonConvert.DeserializeObject<string?[]>(File.ReadAllText(Path.Combine(folder, ReasonsFile), Encoding.UTF8));
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            return null;
        }
    }
}

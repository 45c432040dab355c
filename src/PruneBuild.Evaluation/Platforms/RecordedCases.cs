using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>The cases of a harness that travel to a device: of every slice evenly spread ones.</summary>
/// <param name="Indices">Numbers of the cases, ascending.</param>
/// <param name="Inputs">[cases, inputs of a case], as the model gets them.</param>
public sealed record RecordedCases(IReadOnlyList<int> Indices, float[] Inputs)
{
    /// <summary>Picks cases and reads their inputs.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="perSlice">At most so many of each slice.</param>
    /// <exception cref="PruneBuildException">PB5001: a case file changed.</exception>
    public static RecordedCases Pick(Harness harness, CaseSet cases, int perSlice)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        ArgumentOutOfRangeException.ThrowIfLessThan(perSlice, 1);
        int[] picked = [.. Enumerable.Range(0, cases.Count).GroupBy(index => cases.SliceOf[index]).SelectMany(slice => Spread([.. slice], perSlice)).Order()];
        var size = harness.Input.ElementsPerCase;
        var inputs = new float[(long)picked.Length * size];
        var next = 0;
        foreach (var batch in cases.Batches())
        {
            for (; next < picked.Length && picked[next] < batch.Input.First + batch.Input.Count; next++)
                batch.Input.Data.AsSpan((picked[next] - batch.Input.First) * size, size).CopyTo(inputs.AsSpan(next * size));
        }
        return new RecordedCases(picked, inputs);
    }

    private static IEnumerable<int> Spread(int[] all, int count) =>
        all.Length <= count ? all : Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Length / count)]);
}

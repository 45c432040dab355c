using System.Security.Cryptography;

namespace PruneBuild.Evaluation.Probing;

/// <summary>
/// The cases that are timed: of every slice equally many, spread evenly over it, slices in turn so that a measurement that ends early has all of them. Where
/// there are slices by context length too, equally many of every combination.
/// </summary>
/// <param name="Blocks">The case of each block.</param>
public sealed record TimedCases(IReadOnlyList<int> Blocks)
{
    /// <summary>Chooses cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="blocks">How many blocks there are at most.</param>
    public static TimedCases Choose(CaseSet cases, int blocks)
    {
        ArgumentNullException.ThrowIfNull(cases);
        // A text that is taken apart is timed as a whole: its first part stands for it.
        var whole = Enumerable.Range(0, cases.Count).Where(index => index == 0 || cases.WholeOf[index] != cases.WholeOf[index - 1]);
        int[][] slices = [.. whole.GroupBy(index => (cases.SliceOf[index], cases.TimedContextOf(index))).OrderBy(slice => slice.Key).Select(slice => slice.ToArray())];
        var perSlice = (blocks + slices.Length - 1) / slices.Length;
        return new TimedCases([.. Enumerable.Range(0, blocks).Select(block =>
        {
            var (slice, place) = (slices[block % slices.Length], block / slices.Length);
            return slice[slice.Length > perSlice ? (int)((long)place * slice.Length / perSlice) : place % slice.Length];
        })]);
    }

    /// <summary>Reads the inputs of the cases and writes them where probes find them.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="cases">Its cases.</param>
    /// <param name="path">The file.</param>
    /// <returns>The first row of each block and the end of the last, and a hash of what is timed.</returns>
    public (int[] FirstRows, string Hash) Write(Harness harness, CaseSet cases, string path)
    {
        ArgumentNullException.ThrowIfNull(harness);
        ArgumentNullException.ThrowIfNull(cases);
        if (harness.Kind == TaskKind.Generation)
        {
            WritingProbe.Write(path, [.. Blocks.Select(index => cases.Tasks[index].Writing!.Prompt)]);
            return ([.. Enumerable.Range(0, Blocks.Count + 1)], HashOf(path));
        }
        var inputs = Inputs(harness, cases);
        var rows = Blocks.Select(index => inputs[index]).ToList();
        // Ids lie below 2^24, which a float holds exactly.
        RowFile.Write(path, [.. rows.SelectMany(inputsOfCase => inputsOfCase).Select(input => input.Tokens.Length > 0 ? Array.ConvertAll(input.Tokens, token => (float)token) : input.Numbers)]);
        var firstRows = new int[rows.Count + 1];
        for (var i = 0; i < rows.Count; i++) firstRows[i + 1] = firstRows[i] + rows[i].Count;
        return (firstRows, HashOf(path));
    }

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private Dictionary<int, IReadOnlyList<ModelInput>> Inputs(Harness harness, CaseSet cases)
    {
        var wanted = Blocks.ToHashSet();
        if (cases.Tasks.Count > 0) return wanted.ToDictionary(index => index, index => cases.Tasks[index].Inputs);
        var found = new Dictionary<int, IReadOnlyList<ModelInput>>();
        var size = harness.Input.ElementsPerCase;
        foreach (var (input, _) in cases.Batches(harness.BatchSize).Select(batch => (batch.Input, batch)))
        {
            for (var i = 0; i < input.Count; i++)
            {
                if (wanted.Contains(input.First + i)) found[input.First + i] = [ModelInput.OfNumbers(input.Data.AsSpan(i * size, size).ToArray())];
            }
        }
        return found;
    }
}

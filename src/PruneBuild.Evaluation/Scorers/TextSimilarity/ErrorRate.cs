namespace PruneBuild.Evaluation.Scorers;

/// <summary>Edits that turn outputs into references, over the length of the references: what word and character error rate share.</summary>
internal static class ErrorRate
{
    /// <summary>A sample of texts with one reference each.</summary>
    /// <param name="cases">The sample.</param>
    /// <param name="units">The units of two texts that are compared, as numbers.</param>
    /// <param name="scorer">Whose rate it is.</param>
    public static PreparedSample Prepare(
        IReadOnlyList<TextPair> cases,
        Func<string, string, (uint[] Output, uint[] Reference)> units,
        string scorer)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var edits = new int[cases.Count];
        var lengths = new int[cases.Count];
        for (var i = 0; i < cases.Count; i++)
        {
            if (cases[i].References.Count != 1) return PreparedSample.NotMeasured(cases.Count, $"case {i}: one reference is expected");
            var (output, reference) = units(cases[i].Output, cases[i].References[0]);
            edits[i] = Alignment.EditDistance(output, reference, scorer);
            lengths[i] = reference.Length;
        }
        return new PreparedSample(cases.Count, indices =>
        {
            double edited = 0, length = 0;
            foreach (var i in indices)
            {
                edited += edits[i];
                length += lengths[i];
            }
            return length > 0 ? Score.Of(edited / length) : Score.NotMeasured("the references are empty");
        });
    }
}

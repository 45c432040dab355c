namespace PruneBuild.Evaluation;

/// <summary>Ranks the documents of a corpus by the cosine of their vectors with that of a query; equal ones in the order of the corpus.</summary>
internal sealed class CosineSearch
{
    private readonly IReadOnlyList<CorpusDocument> _documents;
    private readonly double[][] _vectors;

    /// <param name="outputs">What a model gave.</param>
    /// <param name="firstRow">The row of the first document.</param>
    /// <param name="documents">The corpus.</param>
    public CosineSearch(ModelOutputs outputs, int firstRow, IReadOnlyList<CorpusDocument> documents)
    {
        _documents = documents;
        _vectors = [.. documents.Select((_, index) => Normalised(outputs[firstRow + index]))];
    }

    /// <summary>Ids of the documents, the best first.</summary>
    public IReadOnlyList<string> Rank(ReadOnlySpan<float> query)
    {
        var direction = Normalised(query);
        var order = Enumerable.Range(0, _vectors.Length).ToArray();
        // A vector that is not finite finds nothing and is found last.
        double[] distances = [.. _vectors.Select(vector => Dot(vector, direction) is var cosine && double.IsFinite(cosine) ? -cosine : double.PositiveInfinity)];
        return [.. order.OrderBy(index => distances[index]).Select(index => _documents[index].Id)];
    }

    private static double[] Normalised(ReadOnlySpan<float> vector)
    {
        var sum = 0.0;
        foreach (var value in vector) sum += (double)value * value;
        var length = Math.Sqrt(sum);
        var result = new double[vector.Length];
        for (var i = 0; i < result.Length; i++) result[i] = length > 0 ? vector[i] / length : 0;
        return result;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}

namespace PruneBuild.Evaluation;

/// <summary>Reads and normalises the next batch while the model works on this one.</summary>
internal static class ReadAhead
{
    public static IEnumerable<T> Of<T>(IEnumerable<T> source)
    {
        using var items = source.GetEnumerator();
        Task<(bool Found, T? Item)> Next() => Task.Run(() => items.MoveNext() ? (true, items.Current) : (false, default(T)));
        var next = Next();
        try
        {
            while (next.GetAwaiter().GetResult() is (true, var item))
            {
                next = Next();
                yield return item!;
            }
        }
        finally
        {
            // The reader must not be closed under it.
            next.ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }
}

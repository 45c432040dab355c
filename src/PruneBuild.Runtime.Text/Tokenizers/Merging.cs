namespace PruneBuild.Runtime.Text;

/// <summary>The symbols of a piece while they are merged: a linked list, and a queue of the pairs that can be; O(n log n).</summary>
internal sealed class Merging
{
    private const int None = -1;

    private readonly List<int> tokens = [];
    private readonly List<int> next = [];
    private readonly List<int> previous = [];
    private readonly PriorityQueue<(int At, int Rank, int Token), long> queue = new();

    public void Clear()
    {
        tokens.Clear();
        next.Clear();
        previous.Clear();
        queue.Clear();
    }

    public void Add(int token)
    {
        previous.Add(tokens.Count - 1);
        tokens.Add(token);
        next.Add(tokens.Count);
    }

    public void Run(Dictionary<long, (int Rank, int Token)> merges)
    {
        if (tokens.Count < 2)
            return;
        next[^1] = None;
        for (var index = 0; index + 1 < tokens.Count; index++)
            Enqueue(index, merges);
        while (queue.TryDequeue(out var merge, out _))
        {
            // What was queued may be merged with another neighbour by now.
            var right = tokens[merge.At] == None ? None : next[merge.At];
            if (right == None || !merges.TryGetValue(BytePairEncoding.Pair(tokens[merge.At], tokens[right]), out var pair) || pair.Rank != merge.Rank)
                continue;
            tokens[merge.At] = merge.Token;
            tokens[right] = None;
            var after = next[merge.At] = next[right];
            if (after != None)
                previous[after] = merge.At;
            if (previous[merge.At] != None)
                Enqueue(previous[merge.At], merges);
            Enqueue(merge.At, merges);
        }
    }

    public void CopyTo(List<int> list)
    {
        foreach (var token in tokens)
            if (token != None)
                list.Add(token);
    }

    private void Enqueue(int at, Dictionary<long, (int Rank, int Token)> merges)
    {
        if (next[at] is var right and not None && merges.TryGetValue(BytePairEncoding.Pair(tokens[at], tokens[right]), out var pair))
            queue.Enqueue((at, pair.Rank, pair.Token), ((long)pair.Rank << 32) | (uint)at);
    }
}

namespace PruneBuild.Runtime.Text;

/// <summary>
/// The pieces of a vocabulary as a tree of bytes. Nodes are numbered level by level, so that the children of one stand side by side and end
/// where those of the next begin: nine bytes a node.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>The node of no bytes.</summary>
    public const int Root = 0;

    /// <summary>No node, or no piece.</summary>
    public const int None = -1;

    private readonly byte[] labels;
    private readonly int[] children;
    private readonly int[] pieces;

    /// <summary>Takes pieces in UTF-8, none empty and no two alike; they are numbered as they stand.</summary>
    public PieceTrie(IReadOnlyList<byte[]> vocabulary)
    {
        int[] order = [.. Enumerable.Range(0, vocabulary.Count)];
        Array.Sort(order, (left, right) => vocabulary[left].AsSpan().SequenceCompareTo(vocabulary[right]));
        var (nodes, bytes, firsts, found) = (new List<(int Low, int High, int Depth)> { (0, order.Length, 0) }, new List<byte> { 0 }, new List<int>(), new List<int>());
        for (var node = 0; node < nodes.Count; node++)
        {
            var (low, high, depth) = nodes[node];
            firsts.Add(nodes.Count);
            found.Add(low < high && vocabulary[order[low]].Length == depth ? order[low++] : None);
            while (low < high)
            {
                var (start, label) = (low, vocabulary[order[low]][depth]);
                while (low < high && vocabulary[order[low]][depth] == label)
                    low++;
                bytes.Add(label);
                nodes.Add((start, low, depth + 1));
            }
        }
        firsts.Add(nodes.Count);
        (labels, children, pieces) = ([.. bytes], [.. firsts], [.. found]);
    }

    /// <summary>The node behind another one and a byte, or <see cref="None"/>.</summary>
    public int Next(int node, byte label)
    {
        var first = children[node];
        var index = labels.AsSpan(first, children[node + 1] - first).IndexOf(label);
        return index < 0 ? None : first + index;
    }

    /// <summary>The piece that ends at a node, or <see cref="None"/>.</summary>
    public int PieceAt(int node) => pieces[node];

    /// <summary>The piece of some bytes, or <see cref="None"/>.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        var node = Root;
        foreach (var value in bytes)
            if ((node = Next(node, value)) == None)
                return None;
        return pieces[node];
    }
}

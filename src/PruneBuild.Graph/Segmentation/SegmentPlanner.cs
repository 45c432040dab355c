using System.Globalization;

namespace PruneBuild.Graph.Segmentation;

/// <summary>
/// Cuts a graph into consecutive segments that fit a memory budget, by dynamic programming over the topological order: of all
/// ways to cut, the one that leaves the fewest bytes on disk between segments.
/// </summary>
public sealed class SegmentPlanner
{
    private readonly OnnxModel model;
    private readonly DataFlow flow;
    private readonly List<int> nodes;
    private readonly List<string>[] weights;
    private readonly List<string>[] carried;
    private readonly long[] spooled;
    private readonly long[] activations;
    private readonly bool[] mayCut;
    private readonly List<string>[] targetsOf;
    private readonly long[] bytesOfTargets;

    /// <summary>Looks at what the targets need.</summary>
    /// <param name="model">The model.</param>
    /// <param name="flow">Of the model.</param>
    /// <param name="targets">Values to compute.</param>
    /// <param name="valueBytes">Bytes of a value of one batch; 0 where it is too small to matter.</param>
    /// <param name="targetBytes">Bytes that the caller needs while a target is computed, such as its accumulators.</param>
    public SegmentPlanner(
        OnnxModel model, DataFlow flow, IReadOnlyCollection<string> targets, Func<string, long> valueBytes, Func<string, long> targetBytes)
    {
        (this.model, this.flow) = (model, flow);
        nodes = [.. flow.Ancestors(targets).Where(position => flow.Nodes[position].Output.Any(flow.IsDynamic))];
        var cuts = nodes.Count + 1;
        weights = [.. nodes.Select(position => flow.ConstantsOf(position).ToList())];
        (carried, targetsOf) = ([.. Enumerable.Range(0, cuts).Select(_ => new List<string>())], [.. Enumerable.Range(0, cuts).Select(_ => new List<string>())]);
        (spooled, activations, bytesOfTargets, mayCut) = (new long[cuts], new long[cuts], new long[cuts], new bool[cuts]);
        Array.Fill(mayCut, true);
        foreach (var (name, first, last) in Lifetimes())
        {
            var bytes = valueBytes(name);
            for (var index = Math.Max(0, first); index <= last; index++)
                activations[index] += bytes;
            // A model input waits on disk anyhow.
            for (var cut = first + 1; cut <= last && first >= 0; cut++)
            {
                carried[cut].Add(name);
                spooled[cut] += bytes;
                mayCut[cut] &= flow.CanWait(name);
            }
        }
        var indices = nodes.Select((position, index) => (position, index)).ToDictionary(pair => pair.position, pair => pair.index);
        foreach (var target in targets.Distinct(StringComparer.Ordinal))
        {
            // Inputs and constants are at hand from the start.
            var index = indices.GetValueOrDefault(flow.Producer(target), 0);
            targetsOf[index].Add(target);
            bytesOfTargets[index] += targetBytes(target) + valueBytes(target);
        }
    }

    /// <summary>The best plan within a budget.</summary>
    /// <param name="budget">Bytes that a segment may need: its weights, its activations of one batch, and its targets' own.</param>
    /// <returns>Where none is within the budget, the plan with the smallest peak, and a reason.</returns>
    public SegmentPlan Within(long budget)
    {
        if (Cuts(budget) is { } cuts)
            return Plan(cuts, null);
        var least = LeastPeak();
        return Plan(Cuts(least)!, string.Create(
            CultureInfo.InvariantCulture, $"a part that cannot be cut needs {least / 1e6:F0} MB, more than the {budget / 1e6:F0} MB allowed"));
    }

    private SegmentPlan Plan(List<int> cuts, string? reason)
    {
        var segments = cuts.Zip(cuts.Skip(1), (start, end) => new PlannedSegment(
            [.. targetsOf[start..Math.Max(end, start + 1)].SelectMany(names => names)], carried[end],
            Segments(long.MaxValue, start, start + 1).First(segment => segment.End == end).Bytes)).ToList();
        return new SegmentPlan(segments, cuts.Sum(cut => spooled[cut]), segments.Max(segment => segment.Bytes), reason);
    }

    /// <summary>Cut positions from 0 to the number of nodes, or null when no way to cut is within the budget.</summary>
    private List<int>? Cuts(long budget)
    {
        var least = Enumerable.Repeat(long.MaxValue, nodes.Count + 1).ToArray();
        var previous = new int[nodes.Count + 1];
        least[0] = 0;
        foreach (var (start, end, bytes) in Segments(budget, 0, nodes.Count))
        {
            if (least[start] == long.MaxValue || bytes > budget)
                continue;
            var total = least[start] + spooled[end];
            if (total < least[end] || (end == 0 && start == 0))
                (least[end], previous[end]) = (total, start);
        }
        if (least[^1] == long.MaxValue)
            return null;
        var cuts = new List<int> { nodes.Count };
        do
            cuts.Insert(0, previous[cuts[0]]);
        while (cuts[0] > 0);
        return cuts;
    }

    /// <summary>The smallest budget for which there are cuts.</summary>
    private long LeastPeak()
    {
        if (nodes.Count == 0)
            return bytesOfTargets[0];
        var peak = Enumerable.Repeat(long.MaxValue, nodes.Count + 1).ToArray();
        peak[0] = 0;
        foreach (var (start, end, bytes) in Segments(long.MaxValue, 0, nodes.Count))
            peak[end] = Math.Min(peak[end], Math.Max(peak[start], bytes));
        return peak[^1];
    }

    /// <summary>Every segment between two allowed cuts, by start; those that surely exceed the budget are left out.</summary>
    private IEnumerable<(int Start, int End, long Bytes)> Segments(long budget, int firstStart, int lastStart)
    {
        if (nodes.Count == 0)
            yield return (0, 0, bytesOfTargets[0]);
        for (var start = firstStart; start < Math.Min(lastStart, nodes.Count); start++)
        {
            if (!mayCut[start])
                continue;
            var read = new HashSet<string>(StringComparer.Ordinal);
            var (held, peak) = (0L, 0L);
            for (var end = start + 1; end <= nodes.Count; end++)
            {
                held += bytesOfTargets[end - 1] + weights[end - 1].Where(read.Add).Sum(name => model.Weights[name].Bytes);
                peak = Math.Max(peak, activations[end - 1]);
                if (held + peak > budget)
                    break;
                if (mayCut[end])
                    yield return (start, end, held + peak + spooled[end]);
            }
        }
    }

    /// <summary>Each value's first and last node; -1 as the first for model inputs.</summary>
    private IEnumerable<(string Name, int First, int Last)> Lifetimes()
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < nodes.Count; index++)
        {
            foreach (var output in flow.Nodes[nodes[index]].Output.Where(output => output.Length > 0))
                first[output] = last[output] = index;
            foreach (var reference in flow.References[nodes[index]].Where(flow.IsDynamic))
                last[reference] = index;
        }
        return last.Select(use => (use.Key, first.GetValueOrDefault(use.Key, -1), use.Value));
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>
/// The key-value cache of a decoder: graph inputs such as <c>past_key_values.3.key</c> or <c>past.3.value</c> and outputs such as
/// <c>present.3.key</c> or <c>present_key_values.3.value</c>. Runtimes expect their layers to be numbered from 0 without a gap.
/// </summary>
public static partial class KeyValueCache
{
    /// <summary>Whether a name is that of a cache input.</summary>
    public static bool IsPast(string name) => Parse(name) is { IsPast: true };

    /// <summary>Whether a name is that of a cache output.</summary>
    public static bool IsPresent(string name) => Parse(name) is { IsPast: false };

    /// <summary>The cache inputs and outputs of a model, in graph order.</summary>
    public static (IReadOnlyList<string> Past, IReadOnlyList<string> Present) Of(OnnxModel model) =>
        ([.. model.Graph.Input.Select(input => input.Name).Where(IsPast)], [.. model.Graph.Output.Select(output => output.Name).Where(IsPresent)]);

    /// <summary>Numbers the layers that have a cache from 0 on, in their order; nothing when they are already.</summary>
    public static void Renumber(OnnxModel model)
    {
        var (past, present) = Of(model);
        var names = past.Concat(present).Distinct(StringComparer.Ordinal).ToList();
        var numbers = names.Select(name => Parse(name)!.Layer).Distinct().Order().ToList();
        var renamed = names.ToDictionary(
            name => name, name => Parse(name)! is var parts ? parts.Before + numbers.IndexOf(parts.Layer).ToString(CultureInfo.InvariantCulture) + parts.After : name,
            StringComparer.Ordinal);
        if (renamed.All(pair => pair.Key == pair.Value))
            return;
        foreach (var info in model.Graph.Input.Concat(model.Graph.Output).Concat(model.Graph.ValueInfo))
            info.Name = renamed.GetValueOrDefault(info.Name, info.Name);
        Rename(model.Graph, renamed);
    }

    /// <summary>
    /// An input of the same kind of another layer, the first; null when there is none. Every layer has seen equally many tokens, so
    /// either tells their number.
    /// </summary>
    internal static string? Other(OnnxModel model, string past)
    {
        var wanted = Parse(past)!;
        return Of(model).Past.Where(name => name != past && Parse(name) is { } found && found.Stem == wanted.Stem && found.After == wanted.After)
            .OrderBy(name => Parse(name)!.Layer).FirstOrDefault();
    }

    private static void Rename(GraphProto graph, Dictionary<string, string> renamed)
    {
        foreach (var node in graph.Node)
        {
            Rename(node.Input, renamed);
            Rename(node.Output, renamed);
            foreach (var inner in node.Attribute.SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(inner => inner is not null))
            {
                Rename(inner, renamed);
                foreach (var output in inner.Output)
                    output.Name = renamed.GetValueOrDefault(output.Name, output.Name);
            }
        }
    }

    private static void Rename(RepeatedField<string> names, Dictionary<string, string> renamed)
    {
        for (var index = 0; index < names.Count; index++)
            names[index] = renamed.GetValueOrDefault(names[index], names[index]);
    }

    private static CacheName? Parse(string name) => Pattern().Match(name) is { Success: true } match
        && int.TryParse(match.Groups["layer"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            ? new CacheName(match.Groups["stem"].Value, match.Groups["before"].Value, layer, match.Groups["after"].Value)
            : null;

    [GeneratedRegex(@"^(?<before>(?<stem>past|present)(_key_values?)?[._])(?<layer>\d+)(?<after>([._].*)?)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    private sealed record CacheName(string Stem, string Before, int Layer, string After)
    {
        public bool IsPast => Stem == "past";
    }
}

using PruneBuild.Compression.Patterns;
using PruneBuild.Compression.Pruning;
using PruneBuild.Graph;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Levels that are chosen while pruning (<c>quantize.joint</c>).</summary>
internal static class JointLevels
{
    /// <summary>The format whose levels pruning chooses: the int4 one of the recipe's pattern. Null where levels come later.</summary>
    public static PackedFormat? Format(Recipe recipe) => recipe is { Quantize.Groups.Joint: not null, Prune: { } prune } ? OfPattern(prune.Pattern) : null;

    /// <summary>
    /// The options with the levels of a format: with recovery each layer is rounded once it is recovered; with SparseGPT and nothing to come
    /// between mask and levels, both are chosen in one loop.
    /// </summary>
    /// <param name="options">How to prune.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="format">The format.</param>
    /// <param name="sites">The layers of the model; those that get 8 bits or stay float are left alone.</param>
    public static PruneOptions With(PruneOptions options, Recipe recipe, PackedFormat format, IReadOnlyList<WeightSite> sites)
    {
        var groups = recipe.Quantize!.Groups!;
        string[] ends = groups.ProtectFirstLast && sites.Count > 0 ? [sites[0].Name, sites[^1].Name] : [];
        return options with
        {
            Levels = format,
            LevelsWithMask = recipe.Prune is { Criterion: "sparsegpt", Recovery: "none" or "bias" },
            WithoutLevels = [.. ends, .. recipe.Quantize.Skip.Concat(groups.EightBit).Select(layer => layer.Name)],
        };
    }

    /// <summary>Refuses what would move the weights off their levels, or leave nothing to choose.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB1044 where the recipe asks for it.</exception>
    public static void Require(Recipe recipe)
    {
        if (recipe.Quantize?.Groups is { Joint: { } at } groups && Obstacle(recipe, groups) is { } reason)
            throw at.Error("PB1044", reason);
    }

    private static string? Obstacle(Recipe recipe, GroupStep groups) =>
        groups.Method != "gptq" ? $"quantize.method is {groups.Method}, not gptq"
        : recipe.Prune is not { } prune ? "there is no prune section"
        : groups.Mixed is not null ? "mixed precisions are chosen after pruning"
        : recipe.Train is not null ? "training would move the weights off their levels"
        : OfPattern(prune.Pattern) is null ? $"no sparse int4 kernel skips the zeros of {prune.Pattern}"
        : null;

    private static PackedFormat? OfPattern(string pattern) => SparsityPattern.Parse(pattern).ToString() is var name
        ? PackedFormats.All.FirstOrDefault(format => format.IsExecutable && format.Precision == WeightPrecision.FourBit && format.Pattern == name) : null;
}

using PruneBuild.Compression.Patterns;
using PruneBuild.Evaluation;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>Masks and levels that are chosen in one loop (<c>quantize.joint</c>).</summary>
internal static class JointLevels
{
    /// <summary>The format whose levels the loop chooses: the int4 one of the recipe's pattern. Null where masks come first and levels later.</summary>
    public static PackedFormat? Format(Recipe recipe) => recipe is { Quantize.Groups.Joint: not null, Prune: { } prune } ? OfPattern(prune.Pattern) : null;

    /// <summary>Refuses what would move the weights off their levels, or leave nothing to choose.</summary>
    /// <exception cref="Diagnostics.PruneBuildException">PB1044 where the recipe asks for one loop.</exception>
    public static void Require(Recipe recipe)
    {
        if (recipe.Quantize?.Groups is { Joint: { } at } groups && Obstacle(recipe, groups) is { } reason)
            throw at.Error("PB1044", reason);
    }

    private static string? Obstacle(Recipe recipe, GroupStep groups) =>
        groups.Method != "gptq" ? $"quantize.method is {groups.Method}, not gptq"
        : recipe.Prune is not { } prune ? "there is no prune section"
        : prune.Criterion != "sparsegpt" ? $"prune.criterion is {prune.Criterion}, not sparsegpt"
        : prune.Recovery is not ("none" or "bias") ? $"prune.recovery {prune.Recovery} would move the weights off their levels; use none or bias"
        : recipe.Train is not null ? "training would move the weights off their levels"
        : OfPattern(prune.Pattern) is null ? $"no sparse int4 kernel skips the zeros of {prune.Pattern}"
        : null;

    private static PackedFormat? OfPattern(string pattern) => SparsityPattern.Parse(pattern).ToString() is var name
        ? PackedFormats.All.FirstOrDefault(format => format.IsExecutable && format.Precision == WeightPrecision.FourBit && format.Pattern == name) : null;
}

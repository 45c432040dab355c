using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Rotary position embedding (Su et al. 2021) of heads by tables of cosines and sines; feature i turns with feature i of the other half.</summary>
internal static class RotaryTurn
{
    /// <summary>Turns the first features of every head; those beyond the tables stay.</summary>
    /// <param name="heads">[batch, heads, tokens, features].</param>
    /// <param name="cosines">One row a token, half as many columns as features turn; of a rank that broadcasts to [batch, heads, tokens, columns].</param>
    /// <param name="sines">As the cosines.</param>
    public static torch.Tensor Apply(torch.Tensor heads, torch.Tensor cosines, torch.Tensor sines)
    {
        var (half, features) = (cosines.shape[^1], heads.shape[^1]);
        var (first, second) = (heads.narrow(-1, 0, half), heads.narrow(-1, half, half));
        return torch.cat([(first * cosines) - (second * sines), (second * cosines).Plus(first * sines), heads.narrow(-1, 2 * half, features - (2 * half))], -1);
    }

    /// <summary>[batch, tokens, heads × features] as [batch, heads, tokens, features].</summary>
    public static torch.Tensor Split(torch.Tensor x, long heads) => x.reshape(x.shape[0], x.shape[1], heads, x.shape[2] / heads).transpose(1, 2);

    /// <summary>The inverse of <see cref="Split"/>.</summary>
    public static torch.Tensor Join(torch.Tensor heads) => heads.transpose(1, 2).reshape(heads.shape[0], heads.shape[2], heads.shape[1] * heads.shape[3]);
}

using System.Security.Cryptography;
using System.Text;

namespace PruneBuild.Pipeline;

/// <summary>Content key of a stage: a hash over everything its result depends on.</summary>
public sealed class StageKey
{
    private readonly StringBuilder text = new();

    /// <param name="stage">Stage name; part of the key.</param>
    public StageKey(string stage) => Add("stage", stage);

    /// <summary>Adds one named part. Lengths are part of the key, so no two lists of parts read the same.</summary>
    public StageKey Add(string name, string? value)
    {
        text.Append(name.Length).Append(':').Append(name).Append('=')
            .Append(value?.Length ?? -1).Append(':').Append(value).Append('\n');
        return this;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
}

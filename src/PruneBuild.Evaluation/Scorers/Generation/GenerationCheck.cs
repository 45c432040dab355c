namespace PruneBuild.Evaluation.Scorers;

/// <summary>One thing that is looked for in what a model wrote.</summary>
internal abstract class GenerationCheck
{
    /// <summary>What <c>path</c> is for.</summary>
    public virtual PathUse Path => PathUse.ChoosesPart;

    /// <summary>How well it holds, 0 to 1.</summary>
    public abstract Score Measure(CheckedOutput output);
}

/// <summary>What the key <c>path</c> of a check is for.</summary>
internal enum PathUse
{
    /// <summary>The check looks at the part of a JSON output that the path chooses, if there is one.</summary>
    ChoosesPart,

    /// <summary>The path is what is checked.</summary>
    IsTheCheck,

    /// <summary>There is none.</summary>
    None,
}
